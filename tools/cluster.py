"""Runs the recipe's tasks under SLURM. A table outside the recipe holds what a cluster needs to know about each task.

The table is a TOML file (docs/cluster.md). It names a task as `make plan` prints it: `ReturnnTrainingJob.run`.
"""

import logging
import math
import os
import shutil
import sys
import time
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

AMOUNTS = {"cpu": "cores", "gpu": "GPUs", "mem": "GB", "time": "hours"}
OPTIONS = ("account", "partition", "qos")  # of sbatch
DEFAULTS = {"cpu": 1, "gpu": 0, "mem": 1, "time": 1}
PAUSE_AFTER_REFUSAL_S = 30


class TableError(ValueError):
    """The table has an unknown name or an invalid value; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The content of the table: rows of resources and sbatch options for tasks.

    Where several rows set the same key, the last matching row of `jobs` applies, else `gpu`, else `all`; `sbatch_args`
    of all rows are joined.

    :raises TableError: for a row with an unknown key or an invalid value
    """

    mini_tasks: str = "local"
    """Where mini tasks run: `local` on the machine of the manager, or `slurm`."""
    mini_cpus: int = 2
    """Cores for local mini tasks."""
    nice_per_system: int = 0
    """Added to sbatch's `--nice` for every system that the graph wants sooner; 0 leaves the order to SLURM."""
    all: dict = field(default_factory=dict)
    """Row for all tasks."""
    gpu: dict = field(default_factory=dict)
    """Row for tasks that ask for a GPU."""
    jobs: dict[str, dict] = field(default_factory=dict)
    """Rows by shell-style pattern of the task's name."""
    limits: dict = field(default_factory=dict)
    """The most that the cluster grants: cores, GPUs, GB and hours."""

    def __post_init__(self):
        if self.mini_tasks not in ("local", "slurm"):
            raise TableError(f"mini_tasks is {self.mini_tasks!r}; use 'local' or 'slurm'")
        if type(self.mini_cpus) is not int or self.mini_cpus < 1:
            raise TableError(f"mini_cpus is {self.mini_cpus!r}; give a number of cores")
        if type(self.nice_per_system) is not int or self.nice_per_system < 0:
            raise TableError(f"nice_per_system is {self.nice_per_system!r}; give a whole number from 0")
        if not isinstance(self.jobs, dict):
            raise TableError(f"[jobs] is {self.jobs!r}; make it a table of patterns")
        rows = {"all": self.all, "gpu": self.gpu, **{f'jobs."{name}"': row for name, row in self.jobs.items()}}
        for name, row in rows.items():
            _check(name, row, (*AMOUNTS, "gpu_name", *OPTIONS, "sbatch_args"))
        _check("limits", self.limits, tuple(AMOUNTS))
        if "gpu" in self.gpu:
            raise TableError("[gpu] gives gpu, but holds for tasks that ask for one; say which in [jobs]")

    def request(self, rqmt: dict, task) -> dict:
        """The resources and sbatch options to submit a task with.

        :param rqmt: what the recipe asks for, increased if an earlier submission ran out of time or memory. An amount
            that the table replaces is increased by the same factor
        :param task: the task of the engine
        """
        if rqmt.get("engine") == "short" and self.mini_tasks == "local":
            return rqmt
        name = f"{type(task._job).__name__}.{task.name()}"
        rows = [self.all, *(row for pattern, row in self.jobs.items() if fnmatchcase(name, pattern))]
        if _merged([rqmt, *rows]).get("gpu"):
            rows.insert(1, self.gpu)
        row = _merged(rows)
        wish = DEFAULTS | task.rqmt()
        asked = rqmt | {key: row[key] * _growth(rqmt.get(key), wish[key]) for key in AMOUNTS if key in row}
        asked |= {key: min(asked[key], most) for key, most in self.limits.items() if key in asked}
        if "gpu_name" in row and asked.get("gpu"):
            asked["gpu_name"] = row["gpu_name"]
        options = [f"--{key}={row[key]}" for key in OPTIONS if key in row]
        options += [argument for each in rows for argument in each.get("sbatch_args", [])]
        if place := self.nice_per_system * getattr(task._job, "place_in_order", 0):
            options.append(f"--nice={place}")
        return asked | ({"sbatch_args": options} if options else {})


def _merged(rows: list[dict]) -> dict:
    return {key: value for row in rows for key, value in row.items()}


def _growth(now, wish) -> float:
    """By which factor the current request exceeds the recipe's; 1 if it does not."""
    return now / wish if now and wish and now > wish else 1


def _check(name: str, row: dict, keys: tuple[str, ...]) -> None:
    if not isinstance(row, dict):
        raise TableError(f"[{name}] is {row!r}; make it a table of {', '.join(keys)}")
    for key, value in row.items():
        if key not in keys:
            raise TableError(f"[{name}] names {key!r}; it can hold {', '.join(keys)}")
        if key in ("cpu", "gpu"):
            if type(value) is not int or value < (key == "cpu"):
                raise TableError(f"[{name}] has {key} = {value!r}; give a whole number")
        elif key in AMOUNTS:
            if type(value) not in (int, float) or not 0 < value < math.inf:
                raise TableError(f"[{name}] has {key} = {value!r}; give a number of {AMOUNTS[key]}")
        elif key == "sbatch_args":
            if not isinstance(value, list) or not all(isinstance(argument, str) for argument in value):
                raise TableError(f"[{name}] has sbatch_args = {value!r}; give a list of texts")
        elif not isinstance(value, str):
            raise TableError(f"[{name}] has {key} = {value!r}; give a text")


@cache
def read_table(path: str) -> Table:
    """The table in a file; an empty one if the file does not exist.

    :raises TableError: when the file is not a valid table; the message names the file
    """
    if not Path(path).exists():
        return Table()
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        unknown = set(content) - set(Table.__dataclass_fields__)
        if unknown:
            raise TableError(f"{min(unknown)!r} is no part of it; it can hold {', '.join(Table.__dataclass_fields__)}")
        return Table(**content)
    except (TableError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: {error}") from None


def check(choice: str, path: str) -> None:
    """Check that SLURM can be used with this table.

    :param choice: the engine setting, when it is not `local`
    :param path: of the table
    :raises SystemExit: for an unknown engine, an invalid table, or a manager on a host without sbatch
    """
    if choice != "slurm":
        raise SystemExit(f"sis: SIS_ENGINE is {choice!r}; use 'local' or 'slurm'")
    starts = sys.argv[1:2] in (["manager"], ["m"]) and os.environ.get("SISYPHUS_CHOICE") == "installed"
    if starts and shutil.which("sbatch") is None:
        raise SystemExit("sis: SIS_ENGINE is 'slurm', but there is no sbatch here; start on a host that submits jobs")
    try:
        read_table(path)
    except TableError as error:
        raise SystemExit(f"sis: {error}") from None


def slurm(path: str):
    """The engine: SLURM for long tasks; for mini tasks some cores of this machine, or SLURM if the table says so.

    :param path: of the table
    :raises RuntimeError: when the bundled engine runs, which has no SLURM
    """
    from sisyphus.engine import EngineSelector
    from sisyphus.localengine import LocalEngine
    from sisyphus.simple_linux_utility_for_resource_management_engine import (
        SimpleLinuxUtilityForResourceManagementEngine as SlurmEngine,
    )

    class PatientSlurmEngine(SlurmEngine):
        """Waits after a refused submission; otherwise the manager repeats it about ten times a second."""

        def submit_call(self, call, logpath, rqmt, name, task_name, task_ids):
            engine_name, submissions = super().submit_call(call, logpath, rqmt, name, task_name, task_ids)
            if any(number is None for _, number in submissions):
                logging.error(f"sbatch refused {name} {task_name} with {rqmt}; next try in {PAUSE_AFTER_REFUSAL_S} s")
                time.sleep(PAUSE_AFTER_REFUSAL_S)
            return engine_name, submissions

    table = read_table(path)
    long = PatientSlurmEngine(default_rqmt=dict(DEFAULTS))
    short = long if table.mini_tasks == "slurm" else LocalEngine(cpus=table.mini_cpus)
    return EngineSelector(engines={"short": short, "long": long}, default_engine="long")
