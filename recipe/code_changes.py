"""Which finished jobs other code made than the present one, by the records of `recipe.code_record`.

Two sources of a module are the same code if their syntax trees are, without docstrings: comments, formatting and
documentation do not count. Names, type annotations and messages do, and every byte of a C source. Modules that decide
ids, plans and records but no bytes of an output (WITHOUT_RESULTS) do not count either; a change of an id makes a new
job anyway.
"""

import hashlib
import json
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from recipe.code_record import NATIVE, PREFIX, checkout, find_store

WITHOUT_RESULTS = {
    "recipe/code_changes.py",
    "recipe/code_record.py",
    "recipe/estimates.py",
    "recipe/identity.py",
    "recipe/job.py",
    "recipe/versions.py",
}
SHOWN_GROUPS = 5  # where a run starts


class PresentCode:
    """The sources of the project as they are now, read once each."""

    def __init__(self, root: Path | None = None):
        """:param root: the folder that holds the packages; by default that of this process"""
        self.root = checkout() if root is None else root
        self._same: dict[tuple[str, str, Path | None], bool] = {}

    def changed_since(self, job_dir: Path) -> tuple[str, ...] | None:
        """The modules that made a finished job and are other code now, such as `recipe/scoring/wer.py`.

        :return: sorted; empty if all are the same, None if the job has no record of its code, or none that can be read
        """
        modules = read_record(job_dir)
        if not modules:
            return None
        store = find_store(job_dir.resolve())
        counted = {(path, digest) for path, digest in modules if path not in WITHOUT_RESULTS}
        return tuple(sorted({path for path, digest in counted if not self._is_same(path, digest, store)}))

    def _is_same(self, path: str, digest: str, store: Path | None) -> bool:
        key = (path, digest, store)
        if key not in self._same:
            try:
                present = (self.root / path).read_bytes()
            except OSError:
                self._same[key] = False
            else:
                same_bytes, parsed = _digest(present) == digest, not path.endswith(NATIVE)
                self._same[key] = same_bytes or (parsed and _same_code(present, _stored(store, digest)))
        return self._same[key]


def read_record(job_dir: Path) -> set[tuple[str, str]]:
    """Modules and digests of all records of a job, also where the engine has packed it; none if they cannot be read."""
    try:
        return {item for content in _records(job_dir) for item in json.loads(content)["modules"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError, tarfile.TarError):
        return set()


def _records(job_dir: Path) -> Iterator[bytes]:
    packed = job_dir / "finished.tar.gz"
    if not packed.exists():
        yield from (path.read_bytes() for path in job_dir.glob(f"{PREFIX}*"))
        return
    with tarfile.open(packed) as archive:
        for member in archive.getmembers():
            name, file = member.name.removeprefix("./"), archive.extractfile(member)
            if name.startswith(PREFIX) and file is not None:
                yield file.read()


def code_of(source: bytes) -> str:
    """The syntax tree of a source as text, without docstrings of modules, classes, functions and attributes.

    :raises SyntaxError: when it is no Python
    """
    import ast  # not needed where nothing has changed

    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_text(one)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(statement) -> bool:
    value = getattr(statement, "value", None)
    return type(statement).__name__ == "Expr" and isinstance(getattr(value, "value", None), str)


def _same_code(one: bytes, other: bytes | None) -> bool:
    try:
        return other is not None and code_of(one) == code_of(other)
    except (SyntaxError, ValueError):
        return False


def _stored(store: Path | None, digest: str) -> bytes | None:
    """A source of the store; None if it is not there, or is not what its name says."""
    try:
        source = (store / f"{digest}.py").read_bytes() if store is not None else b""
    except FileNotFoundError:
        return None
    return source if _digest(source) == digest else None


def _digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()


def remarks(job_dirs: Sequence[str], shown_jobs: int | None = None) -> list[str]:
    """What an engine prints of finished jobs: which of them other code made, and the command that makes them again.

    :param job_dirs: directories of finished jobs
    :param shown_jobs: names of jobs for each group of modules; None: all, 0: also not how many have no record
    """
    present = PresentCode()
    changed = {job_dir: present.changed_since(Path(job_dir)) for job_dir in job_dirs}
    lines = list(described(changed, shown_jobs))
    if any(changed.values()):
        lines.append("to make them again, with all that depends on them: make rerun CONFIG=config/x.py")
    return lines


def described(changed: Mapping[str, tuple[str, ...] | None], shown_jobs: int | None = None) -> Iterator[str]:
    """Lines for a person: how many finished jobs other code made, by module and job; none if there is none.

    :param changed: what `PresentCode.changed_since` returns, by directory
    :param shown_jobs: as of `remarks`
    """
    other = {job_dir: modules for job_dir, modules in changed.items() if modules}
    if other:
        yield f"made by other code than the present one: {len(other)} of {len(changed)} finished jobs"
        groups = grouped(other.items())
        shown = groups if shown_jobs != 0 else groups[:SHOWN_GROUPS]
        for modules, members in shown:
            yield f"  changed since: {', '.join(modules)}"
            yield from _members(members, shown_jobs)
        if len(shown) < len(groups):
            yield f"  and {len(groups) - len(shown)} more sets of modules"
    unknown = sum(modules is None for modules in changed.values())
    if unknown and shown_jobs != 0:
        yield f"no record of their code: {unknown} finished jobs, made before there were such records"


def _members(members: Sequence[str], shown_jobs: int | None) -> Iterator[str]:
    kinds: dict[str, list[str]] = defaultdict(list)
    for job_dir in members:
        kinds[Path(job_dir).name.split(".")[0]].append(job_dir)
    for kind, job_dirs in kinds.items():
        yield f"    {len(job_dirs)} x {kind}"
        shown = job_dirs if shown_jobs is None else job_dirs[:shown_jobs]
        yield from (f"      {job_dir}" for job_dir in shown)
        if shown and len(shown) < len(job_dirs):
            yield f"      and {len(job_dirs) - len(shown)} more"


def grouped(changed: Iterable[tuple[str, tuple[str, ...]]]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Jobs by the modules that changed, from (job, modules); sets of modules with most jobs first."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for job, modules in sorted(changed):
        groups[modules].append(job)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
