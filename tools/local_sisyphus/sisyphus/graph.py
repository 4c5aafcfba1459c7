"""The graph: registered targets and the jobs they need."""

import logging
import os
from collections.abc import Iterator

from sisyphus import global_settings as gs
from sisyphus.delayed_ops import DelayedBase
from sisyphus.identity import created_jobs
from sisyphus.job import Job
from sisyphus.job_directory import absolute, set_link
from sisyphus.job_path import AbstractPath
from sisyphus.targets import CallbackTarget, OutputTarget, ReportTarget


class Graph:
    """All targets of this process; only jobs that a target needs belong to the graph."""

    def __init__(self):
        self.targets: list[OutputTarget | ReportTarget | CallbackTarget] = []
        self._outputs: dict[str, OutputTarget] = {}
        self._doubles = 0

    def register_output(self, name: str, value: AbstractPath, export_graph: bool = False) -> None:
        """Link `value` as `output/[subdir/]name` once it is available.

        :raises TypeError: if the value is no path or variable
        """
        if not isinstance(value, AbstractPath):
            hint = "; wrap the value in a job that writes it" if isinstance(value, DelayedBase) else ""
            raise TypeError(f"output {name!r} is a {type(value).__name__}, not a path or variable{hint}")
        target = OutputTarget(name, value)
        first = self._outputs.setdefault(target.name, target)
        if first is not target:
            if first.path == value:
                return
            self._doubles += 1
            if self._doubles == 1:  # only once: two configs may share all their outputs
                logging.warning("output %s is registered twice, as %r and %r", target.name, first.path, value)
        self.targets.append(target)

    def register_report(self, name, values, template=None, required=None, update_frequency=300) -> None:
        if isinstance(values, AbstractPath):
            raise TypeError(f"report {name!r} got a bare path; give a dict or a function that returns text")
        self.targets.append(ReportTarget(name, values, template, required, update_frequency))

    def register_callback(self, function, *args, **kwargs) -> None:
        self.targets.append(CallbackTarget(function, args, kwargs))

    def target_paths(self) -> Iterator[AbstractPath]:
        for target in self.targets:
            yield from sorted(target.required)

    def is_done(self) -> bool:
        """Whether all paths of all targets are available."""
        return all(path.available() for path in self.target_paths())

    def jobs(self) -> list[Job]:
        """Every job reachable from a target, creators before users."""
        return ancestors(self.target_paths())

    def unfinished_jobs(self) -> list[Job]:
        """The jobs that are still needed; ancestors of finished jobs are left out."""
        return ancestors(self.target_paths(), stop_at=Job._sis_finished)

    def find_job(self, pattern: str) -> list[Job]:
        return [job for job_id, job in created_jobs.items() if pattern in job_id or pattern in job.get_aliases()]

    def find_path(self, pattern: str) -> list[AbstractPath]:
        return [path for job in self.jobs() for path in job._sis_outputs.values() if pattern in path.get_path()]


def ancestors(paths, stop_at=lambda job: False) -> list[Job]:
    """The creators of `paths` and their ancestors, inputs first; none of a job for which `stop_at` is true."""
    ordered: dict[Job, None] = {}
    entered: set[Job] = set()
    stack = [(path.creator, False) for path in reversed(list(paths)) if path.creator is not None]
    while stack:
        job, inputs_done = stack.pop()
        if inputs_done:
            ordered[job] = None
        elif job not in entered:
            entered.add(job)
            if not stop_at(job):
                stack.append((job, True))
                stack.extend((path.creator, False) for path in sorted(job._sis_inputs) if path.creator is not None)
    return list(ordered)


def link_aliases(jobs) -> None:
    """Link `alias/[subdir/]alias` to each job's directory; the first of two jobs with the same alias keeps it."""
    owners: dict[str, Job] = {}
    for job in jobs:
        for alias in job.get_aliases():
            owner = owners.setdefault(alias, job)
            if owner is not job:
                logging.warning("alias %s is claimed by %s and %s; the first keeps it", alias, owner, job)
            else:
                set_link(os.path.join(gs.BASE_DIR, gs.ALIAS_DIR, alias), absolute(job))


graph = Graph()
