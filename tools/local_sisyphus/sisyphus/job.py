"""Jobs, the nodes of the graph (contract.md, "Jobs and ids", "Inputs", "Methods of a job")."""

import logging
import os
import re
from collections.abc import Iterator
from typing import Any

from sisyphus import global_settings as gs
from sisyphus.identity import JobSingleton, calling_line
from sisyphus.job_directory import set_up
from sisyphus.job_path import AbstractPath, Path, Variable
from sisyphus.progress import read_progress
from sisyphus.shell import sh
from sisyphus.task import Task
from sisyphus.tools import extract_paths, sis_hash

_VALID_TAG = re.compile(r"[-.0-9A-Z_a-z]+")


class Job(metaclass=JobSingleton):
    """Base class. The constructor declares outputs; the methods named by `tasks` do the work in a worker."""

    __sis_hash_exclude__: dict[str, Any] = {}
    __sis_hash_overwrite__: list[tuple] = []
    __sis_version__: Any = None

    def __new__(cls, job_id: str):
        job = object.__new__(cls)
        job._sis_job_id = job_id
        return job

    @classmethod
    def hash(cls, parsed_args: dict[str, Any]) -> str:
        """The digest of the bound arguments; override to leave arguments out of the id."""
        kept = {}
        for name, value in parsed_args.items():
            if name not in cls.__sis_hash_exclude__ or cls.__sis_hash_exclude__[name] != value:
                kept[name] = value
        for name, value, replacement in cls.__sis_hash_overwrite__:
            if name in kept and kept[name] == value:
                kept[name] = replacement
        return sis_hash(kept if cls.__sis_version__ is None else (kept, cls.__sis_version__))

    def _sis_initialize(self, arguments: dict[str, Any], tags) -> None:
        """Set the internal attributes, before the constructor runs."""
        self._sis_kwargs = arguments
        self._sis_argument_paths = extract_paths(arguments)
        self._sis_added_inputs: set = set()
        self._sis_inputs: set = set()
        self._sis_outputs: dict[str, AbstractPath] = {}
        self._sis_output_dirs: set[str] = set()
        self._sis_aliases: list[str] = []
        self._sis_alias_prefixes: set[str] = set()
        self._sis_environment: dict[str, tuple[str, bool]] = {}
        self._sis_rqmt: dict[str, tuple[dict, bool]] = {}
        self._sis_keep_value = None
        self._sis_hold = False
        self._sis_vis_name = None
        self._sis_tasks = None
        self._sis_finished_seen = False
        self._sis_created_at = calling_line()
        inherited = set().union(*(path.tags for path in self._sis_argument_paths))
        self._sis_tags = inherited if tags is None else set(tags)
        for tag in self._sis_tags:
            if not _VALID_TAG.fullmatch(tag):
                raise ValueError(f"tag {tag!r} of {self._sis_id()} holds other characters than -.0-9A-Z_a-z")
        if any(isinstance(value, Job) for value in arguments.values()):
            logging.warning("%s gets a job as argument; pass the job's output instead", self._sis_id())

    def _sis_find_inputs(self) -> None:
        reachable = extract_paths(self) | self._sis_argument_paths | self._sis_added_inputs
        self._sis_inputs = {path for path in reachable if path.creator is not self}
        for path in self._sis_inputs:
            path.add_user(self)

    # identity

    def job_id(self) -> str:
        return self._sis_job_id

    def _sis_id(self) -> str:
        return self._sis_job_id

    def _sis_hash(self) -> bytes:
        return self._sis_job_id.encode("utf-8")

    def __hash__(self):
        return hash(self._sis_job_id)

    def __eq__(self, other):
        return type(self) is type(other) and self._sis_job_id == other._sis_job_id

    def __lt__(self, other):
        return self._sis_job_id < other._sis_job_id

    def __gt__(self, other):
        return self._sis_job_id > other._sis_job_id

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        alias = self.get_one_alias()
        return f"Job<{f'alias/{alias} ' if alias else ''}work/{self._sis_job_id}>"

    def __getnewargs__(self):
        return (self._sis_job_id,)

    def __getstate__(self):
        hidden = {"_sis_tasks", "_sis_finished_seen", "_sis_argument_paths", "_sis_added_inputs"}
        return {name: value for name, value in vars(self).items() if name not in hidden}

    def __setstate__(self, state):
        state.pop("_sis_id", None)  # an attribute in jobs that were saved before it became a method
        vars(self).update(state, _sis_tasks=None, _sis_finished_seen=False)
        self._sis_argument_paths, self._sis_added_inputs = set(), set()

    # to override

    def tasks(self) -> Iterator[Task]:
        yield Task("run")

    def update(self) -> None:
        """Called when all inputs are available; may create jobs and call add_input."""

    def path_available(self, path: AbstractPath) -> bool:
        return self._sis_finished()

    def info(self) -> str | None:
        """A short text about the running job for overviews."""

    def completed_fraction(self) -> float | None:
        """The part that is done, 0 to 1; by default from the file `progress` of the running task."""
        progress = read_progress(self)
        return progress.fraction if progress else None

    # outputs and inputs

    def output_path(self, filename: str, directory: bool = False, cached: bool = False) -> Path:
        """Declare a file (or directory, created before the job starts) of this name in the job's output folder."""
        filename = os.fspath(filename)
        if filename in self._sis_outputs:
            logging.warning("%s declares the output %s twice", self._sis_job_id, filename)
            return self._sis_outputs[filename]
        path = Path(filename, self, cached)
        if directory:
            self._sis_output_dirs.add(filename)
        self._sis_outputs[filename] = path
        return path

    def output_var(self, filename: str, pickle: bool = False, backup: Any = None) -> Variable:
        """Declare a value that the job stores with `.set(...)`."""
        assert filename not in self._sis_outputs, f"{self._sis_job_id} declares the output {filename} twice"
        self._sis_outputs[filename] = Variable(filename, self, pickle, backup)
        return self._sis_outputs[filename]

    def add_input(self, path: AbstractPath) -> AbstractPath:
        self._sis_added_inputs.add(path)
        if path.creator is not self:
            self._sis_inputs.add(path)
            path.add_user(self)
        return path

    # names and requirements: none of these enter the id

    @property
    def tags(self) -> set[str]:
        return self._sis_tags

    def add_alias(self, alias: str) -> "Job":
        if alias not in self._sis_aliases:
            self._sis_aliases.append(alias)
        return self

    def get_aliases(self) -> list[str]:
        """Aliases, each below every output sub-directory that was set when the job was requested."""
        prefixes = sorted(self._sis_alias_prefixes)
        return [os.path.join(prefix, alias) for alias in self._sis_aliases for prefix in prefixes]

    def get_one_alias(self) -> str | None:
        aliases = self.get_aliases()
        return aliases[0] if aliases else None

    def set_vis_name(self, name: str) -> "Job":
        self._sis_vis_name = name
        return self

    def get_vis_name(self) -> str | None:
        return self._sis_vis_name

    def set_rqmt(self, task_name: str, rqmt: dict) -> "Job":
        self._sis_rqmt[task_name] = (rqmt, False)
        return self

    def update_rqmt(self, task_name: str, rqmt: dict) -> "Job":
        self._sis_rqmt[task_name] = (rqmt, True)
        return self

    def set_env(self, key: str, value: str, *, verbatim: bool = True) -> "Job":
        self._sis_environment[key] = (value, verbatim)
        return self

    def keep_value(self, value: int | None = None):
        if value is None:
            return self._sis_keep_value
        return self.set_keep_value(value)

    def set_keep_value(self, value: int) -> "Job":
        assert 0 <= value < 100, f"keep value {value} is outside 0..99"
        self._sis_keep_value = value
        return self

    def hold(self) -> "Job":
        self._sis_hold = True
        return self

    def set_attrs(self, attributes: dict[str, Any]) -> None:
        for name, value in attributes.items():
            if name != "self" and not hasattr(self, name):
                setattr(self, name, value)

    # inside tasks

    def work_path(self) -> str:
        return os.path.join(gs.BASE_DIR, self._sis_path("work"))

    def sh(self, command: str, *args, **kwargs) -> str | None:
        """Run a bash command with `{attribute}`s of the job filled in; see `sisyphus.shell.sh`."""
        return sh(command, *args, sis_replace=vars(self), **kwargs)

    # where things are, and what is done

    def _sis_path(self, *names: str) -> str:
        """A path in the job's directory, relative to the base directory unless WORK_DIR is absolute."""
        return os.path.join(gs.WORK_DIR, self._sis_job_id, *names)

    def _sis_task_list(self) -> list[Task]:
        if self._sis_tasks is None:
            tasks = list(self.tasks())
            names = [task.name() for task in tasks]
            if not tasks or len(set(names)) < len(names):
                raise ValueError(f"{self._sis_id()}.tasks() gives {names}; give at least one task, no name twice")
            for task in tasks:
                task.set_job(self)
            self._sis_tasks = tasks
        return self._sis_tasks

    def _sis_has_file(self, name: str) -> bool:
        return os.path.exists(os.path.join(gs.BASE_DIR, self._sis_path(name)))

    def _sis_is_set_up(self) -> bool:
        return self._sis_has_file("job.save")

    def _sis_setup_directory(self, force: bool = False) -> None:
        """Create the job's directory, unless it is there already."""
        if force or not self._sis_is_set_up():
            set_up(self)

    def _sis_finished(self) -> bool:
        """Whether the job has its finished marker or its packed archive; remembered once it has."""
        if not self._sis_finished_seen:
            self._sis_finished_seen = self._sis_has_file("finished") or self._sis_has_file("finished.tar.gz")
        return self._sis_finished_seen
