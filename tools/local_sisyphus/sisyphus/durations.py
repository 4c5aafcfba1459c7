"""How long jobs take, from the usage reports of finished jobs of the same kind in this work directory."""

import ast
import glob
import os
import statistics
from typing import NamedTuple

from sisyphus import global_settings as gs

_MOST_READ = 15  # finished jobs per kind


class Cost(NamedTuple):
    duration_s: float  # all ids of a task counted as parallel
    core_s: float


class Durations:
    """The median cost of each kind of job (module and class), read on first use."""

    def __init__(self):
        self._costs: dict[str, list[Cost]] = {}

    def of(self, job) -> Cost | None:
        """The cost of a job of this kind; None if none has finished here yet."""
        kind = kind_of(job)
        if kind not in self._costs:
            pattern = os.path.join(glob.escape(os.path.join(gs.BASE_DIR, gs.WORK_DIR, kind)) + ".*", "finished")
            folders = [os.path.dirname(path) for path in glob.glob(pattern) if ".cleared." not in path]
            self._costs[kind] = [cost for cost in map(_cost, folders[:_MOST_READ]) if cost]
        costs = self._costs[kind]
        return Cost(*map(statistics.median, zip(*costs, strict=True))) if costs else None

    def add(self, job) -> None:
        """Count a job that has just finished."""
        cost = _cost(os.path.join(gs.BASE_DIR, job._sis_path()))
        if cost and self.of(job):
            self._costs[kind_of(job)].append(cost)
        else:
            self._costs.pop(kind_of(job), None)  # read again: it is the first


def kind_of(job) -> str:
    """Module path and class, the part of the id before the hash."""
    return job.job_id().rpartition(".")[0]


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
