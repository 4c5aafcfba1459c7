"""Paths and variables, the edges of the graph (contract.md, "Paths and variables")."""

import ast
import gzip
import os
import pickle
from collections.abc import Callable
from typing import Any

from sisyphus import global_settings as gs
from sisyphus.delayed_ops import DelayedBase
from sisyphus.hash import sis_hash_helper
from sisyphus.role import running_in_worker


class VariableNotSet(Exception):
    """A variable was read before its job wrote it."""


class NoBackup:
    """Means that no backup value was given, since None is one."""


class AbstractPath(DelayedBase):
    """A file that its creator, a job, writes; without a creator, a file from elsewhere.

    Hashes by its creator's id and file name, or by `hash_overwrite` instead. Two paths are equal when class, creator
    and file string agree.
    """

    def __init__(self, path, creator=None, cached=False, hash_overwrite=None, tags=None, available=None):
        self.path = os.fspath(path)
        self.creator = creator
        self.cached = cached
        self.users = set()
        self.hash_overwrite = hash_overwrite
        self._tags = tags
        self._available: Callable | None = available

    # identity

    def _sis_hash(self) -> bytes:
        return b"(Path, " + sis_hash_helper(self._identity()) + b")"

    def _identity(self) -> tuple:
        creator, path = self._hash_overwrite or (self.creator, self.path)
        return (f"{creator._sis_id()}/output" if hasattr(creator, "_sis_id") else creator), path

    @property
    def hash_overwrite(self) -> tuple | None:
        """The pair (creator, file) to hash instead of the path's own; may be set to a text, short for (None, text)."""
        return self._hash_overwrite

    @hash_overwrite.setter
    def hash_overwrite(self, value: str | tuple | None) -> None:
        pair = (None, value) if isinstance(value, str) else value
        if pair is not None and not (isinstance(pair, tuple) and len(pair) == 2):
            raise TypeError(f"hash_overwrite of {self.path!r} is {value!r}; give a text or a pair (creator, file)")
        self._hash_overwrite = pair

    def _key(self) -> tuple:
        creator = self.creator._sis_id() if hasattr(self.creator, "_sis_id") else self.creator
        return type(self).__name__, creator, self.path

    def __eq__(self, other):
        return isinstance(other, AbstractPath) and self._key() == other._key()

    def __hash__(self):
        return hash(self._key())

    def __lt__(self, other):
        return str(self._key()) < str(other._key())

    # where the file is

    def rel_path(self) -> str:
        if self.creator is None:
            return self.path
        return os.path.join(self.creator._sis_path("output"), self.path)

    def get_path(self) -> str:
        return os.path.join(gs.BASE_DIR, self.rel_path())

    def get_cached_path(self) -> str:
        path = self.get_path()
        return gs.file_caching(path) if self.cached and running_in_worker() else path

    def get(self):
        return self.get_path()

    def __fspath__(self):
        return self.get_cached_path()

    def __str__(self):
        return self.get_cached_path()

    def __repr__(self):
        return f"<{type(self).__name__} {self.get_path()}>"

    # properties

    @property
    def tags(self) -> set:
        if self._tags is not None:
            return self._tags
        return self.creator.tags if self.creator is not None else set()

    @tags.setter
    def tags(self, value: set | None) -> None:
        self._tags = value

    def available(self) -> bool:
        if self._available is not None:
            return bool(self._available(self))
        if self.creator is None:
            return os.path.exists(self.get_path())
        return self.creator.path_available(self)

    def is_set(self) -> bool:
        return self.available()

    def keep_value(self, value):
        if self.creator is not None:
            self.creator.keep_value(value)

    def add_user(self, job):
        self.users.add(job)

    # copies

    def copy(self):
        return self.copy_append("")

    def copy_append(self, suffix: str):
        """The path with `suffix` appended to its file name, and to that of hash_overwrite."""
        new = type(self).__new__(type(self))
        vars(new).update(vars(self))
        new.users = set()
        new.path = self.path + suffix
        if self._hash_overwrite is not None:
            creator, file = self._hash_overwrite
            new._hash_overwrite = (creator, file + suffix)
        return new

    def join_right(self, other):
        return self.copy_append("/" + os.fspath(other))

    def __deepcopy__(self, memo):
        return self.copy()

    def __getstate__(self):
        """For workers: without creator, as an absolute path."""
        hidden = {"users", "creator", "path"}
        return {"creator": None, "path": self.get_path()} | {k: v for k, v in vars(self).items() if k not in hidden}

    def __setstate__(self, state):
        vars(self).update(state)
        self.users = set()


def zipped(filename) -> bool:
    """Whether a file is compressed by gzip, by its first bytes."""
    with open(filename.get_path() if isinstance(filename, AbstractPath) else filename, "rb") as file:
        return file.read(2) == b"\x1f\x8b"


class Path(AbstractPath):
    """A file or directory."""

    def estimate_text_size(self) -> int:
        """Size in bytes; 3.5 times the size of a compressed file, as in the real engine."""
        size = os.path.getsize(self.get_path())
        return int(3.5 * size) if zipped(self) else size


class Variable(AbstractPath):
    """A Python value in a file: as literal text, or pickled and compressed."""

    def __init__(self, path, creator=None, pickle=False, backup=NoBackup):
        super().__init__(path, creator)
        self.pickle = pickle
        self.backup = backup

    def is_set(self) -> bool:
        return os.path.isfile(self.get_path())

    def get(self) -> Any:
        """The value.

        :raises VariableNotSet: if no value was written and there is no backup value
        """
        if not self.is_set():
            if self.backup is not NoBackup:
                return self.backup
            if gs.RAISE_VARIABLE_NOT_SET_EXCEPTION:
                raise VariableNotSet(f"variable is not set: {self.get_path()}")
            return f"<UNFINISHED VARIABLE: {self.get_path()}>"
        if self.pickle:
            with gzip.open(self.get_path(), "rb") as file:
                return pickle.load(file)
        with open(self.get_path(), encoding="utf-8") as file:
            return _read_literal(file.read(), self.get_path())

    def set(self, value: Any) -> None:
        target = self.get_path()
        scratch = f"{target}.part-{os.getpid()}"
        if self.pickle:
            with gzip.open(scratch, "wb") as file:
                pickle.dump(value, file)
        else:
            with open(scratch, "w", encoding="utf-8") as file:
                file.write(f"{value!r}\n")
        os.replace(scratch, target)

    def __str__(self):
        return str(self.get())

    def __repr__(self):
        value = f" {self.get()!r}" if self.is_set() else ""
        return f"<Variable {self.rel_path()}{value}>"


class _NoLiterals(ast.NodeTransformer):
    """Evaluates `nan`, `inf` and `frozenset(...)`, which `repr` writes but which are no literals."""

    def visit_Name(self, node):  # noqa: N802
        return ast.copy_location(ast.Constant(float(node.id)), node) if node.id in ("nan", "inf") else node

    def visit_Call(self, node):  # noqa: N802
        if ast.unparse(node.func) != "frozenset" or len(node.args) > 1 or node.keywords:
            return node
        values = [ast.literal_eval(self.visit(argument)) for argument in node.args]
        return ast.copy_location(ast.Constant(frozenset(*values)), node)


def _read_literal(text: str, path: str) -> Any:
    try:
        return ast.literal_eval(_NoLiterals().visit(ast.parse(text.strip(), mode="eval")))
    except (ValueError, SyntaxError) as error:
        raise ValueError(f"{path} holds {text[:60]!r}, which is no Python literal; use pickle=True") from error
