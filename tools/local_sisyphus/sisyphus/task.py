"""Tasks, the steps of a job: one call of a method, or a batch of calls (contract.md, "Tasks")."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from sisyphus import global_settings as gs


class Task:
    """A method of the job, by name, and its requirements.

    :param start: name of the method, also the name of the task
    :param resume: if given, the task may restart after an interruption; the start method is called again
    :param rqmt: cpu, gpu (counts), mem (GB or text like "512M"), time (hours or "h:m:s"), engine
    :param args: one call per entry; a list or tuple is splatted
    :param mini_task: runs on the engine named "short"
    :param parallel: number of batches the entries of `args` are split into (default: one per entry)
    :param tries: number of failures until the job counts as failed
    :param continuable: never counts as finished
    """

    def __init__(
        self,
        start: str,
        resume: str | None = None,
        rqmt: dict[str, Any] | None = None,
        args: Iterable | None = None,
        mini_task: bool = False,
        update_rqmt: Callable | None = None,
        parallel: int = 0,
        tries: int = 1,
        continuable: bool = False,
    ):
        self._start = start
        self._resume = resume
        self._rqmt = dict(rqmt or {})
        if mini_task:
            self._rqmt["engine"] = "short"
        self._args = [[]] if args is None else list(args)
        self._parallel = parallel or len(self._args)
        self.mini_task = mini_task
        self.tries = tries
        self.continuable = continuable
        self._update_rqmt = update_rqmt
        self._job = None

    def set_job(self, job) -> None:
        self._job = job
        for method in filter(None, (self._start, self._resume)):
            if not callable(getattr(job, method, None)):
                raise ValueError(f"{job.job_id()} has no method {method!r}, which its task names")

    @property
    def job(self):
        return self._job

    @property
    def resumable(self) -> bool:
        return self._resume is not None

    def name(self) -> str:
        return self._start

    def task_ids(self) -> list[int]:
        return list(range(1, self._parallel + 1)) if self._args else []

    def argument_lists(self, task_id: int) -> list[list]:
        """The calls of one task id: consecutive entries; the first ids get one more if there is a remainder."""
        share, rest = divmod(len(self._args), self._parallel)
        first = (task_id - 1) * share + min(task_id - 1, rest)
        entries = self._args[first : first + share + (task_id <= rest)]
        return [list(entry) if isinstance(entry, (list, tuple)) else [entry] for entry in entries]

    def run(self, task_id: int) -> None:
        """Call the method once per entry of this id."""
        method = getattr(self._job, self._start)
        for arguments in self.argument_lists(task_id):
            method(*arguments)

    def rqmt(self) -> dict[str, Any]:
        """The requirement of the recipe, with the changes of `set_rqmt` and `update_rqmt`."""
        override, merge = self._job._sis_rqmt.get(self.name(), ({}, True))
        return {**self._rqmt, **override} if merge else dict(override)

    def updated_rqmt(self, last_rqmt: dict, last_usage: dict) -> dict:
        return (self._update_rqmt or gs.update_engine_rqmt)(last_rqmt, last_usage)

    # files

    def path(self, kind: str, task_id: int | None = None) -> str:
        """Absolute path of `kind.task[.id]` in the job directory."""
        name = f"{kind}.{self.name()}" if task_id is None else f"{kind}.{self.name()}.{task_id}"
        return os.path.join(gs.BASE_DIR, self._job._sis_path(name))

    def has(self, kind: str, task_id: int) -> bool:
        return os.path.exists(self.path(kind, task_id))

    def is_finished(self) -> bool:
        return not self.continuable and all(self.has("finished", task_id) for task_id in self.task_ids())

    def failed_ids(self) -> list[int]:
        return [task_id for task_id in self.task_ids() if self.has("error", task_id)]

    def __repr__(self):
        return f"<Task {self.name()} of {self._job}>"
