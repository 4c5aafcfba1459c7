"""How long jobs take, from the usage reports of finished jobs of the same kind in this work directory."""

import ast
import glob
import os
import statistics
from collections import Counter
from typing import NamedTuple

from sisyphus import global_settings as gs

_MOST_READ = 15  # finished jobs per kind

Reads = tuple[tuple[str, int], ...]
"""Classes of the jobs that a job reads from, with their numbers."""


class Cost(NamedTuple):
    duration_s: float  # all ids of a task counted as parallel
    core_s: float


class Durations:
    """The median cost of each kind of job, read on first use.

    Jobs of one class differ in cost with what they read: a model's emissions take seconds, those of a device a minute.
    So a job is compared with finished ones that read from as many jobs of the same classes, and only where there is
    none with its whole class.
    """

    def __init__(self):
        self._costs: dict[str, dict[Reads, list[Cost]]] = {}

    def of(self, job) -> Cost | None:
        """The cost of a job of this kind; None if none of its class has finished here yet."""
        kind = kind_of(job)
        if kind not in self._costs:
            pattern = os.path.join(glob.escape(os.path.join(gs.BASE_DIR, gs.WORK_DIR, kind)) + ".*", "finished")
            self._costs[kind] = {}
            for path in sorted(glob.glob(pattern)):
                if ".cleared." not in path:
                    self._note(kind, os.path.dirname(path))
        by_reads = self._costs[kind]
        costs = by_reads.get(_reads(job)) or [cost for some in by_reads.values() for cost in some]
        return Cost(*map(statistics.median, zip(*costs, strict=True))) if costs else None

    def is_known(self, job) -> bool:
        """Whether a job that reads the same has finished here, and not only one of its class."""
        return self.of(job) is not None and _reads(job) in self._costs[kind_of(job)]

    def add(self, job) -> None:
        """Count a job that has just finished."""
        if kind_of(job) in self._costs:  # else it is read with all others, on first use
            self._note(kind_of(job), os.path.join(gs.BASE_DIR, job._sis_path()))

    def _note(self, kind: str, folder: str) -> None:
        noted = self._costs[kind].setdefault(_reads_of_folder(folder), [])
        if len(noted) < _MOST_READ and (cost := _cost(folder)):
            noted.append(cost)
        if not noted:
            del self._costs[kind][_reads_of_folder(folder)]


def kind_of(job) -> str:
    """Module path and class, the part of the id before the hash."""
    return job.job_id().rpartition(".")[0]


def _reads(job) -> Reads:
    """How many jobs of each class a job reads from."""
    return _counted({path.creator.job_id().replace("/", "_") for path in job._sis_inputs if path.creator is not None})


def _reads_of_folder(folder: str) -> Reads:
    """The same of a job directory, from its links to the jobs that it reads from."""
    links = os.path.join(folder, "input")
    return _counted(set(os.listdir(links)) if os.path.isdir(links) else set())


def _counted(names: set[str]) -> Reads:
    return tuple(sorted(Counter(name.rpartition(".")[0] for name in names).items()))


def _cost(folder: str) -> Cost | None:
    longest_s: dict[str, float] = {}
    core_s = 0.0
    for name in os.listdir(folder):
        kind, _, rest = name.partition(".")
        if kind != "usage" or rest.endswith(".part"):
            continue
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                usage = ast.literal_eval(file.read())
            used_s = usage["used_time"] * 3600
            cores = usage.get("requested_resources", {}).get("cpu", 1)
        except (OSError, ValueError, SyntaxError, KeyError, TypeError):
            continue
        task = rest.rpartition(".")[0]
        longest_s[task] = max(longest_s.get(task, 0.0), used_s)
        core_s += used_s * cores
    return Cost(sum(longest_s.values()), core_s) if longest_s else None
