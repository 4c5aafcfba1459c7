"""The interface of an engine, and the choice between several by a task's `engine` requirement."""

import os

from sisyphus import global_settings as gs
from sisyphus import submit_log
from sisyphus.stalls import Stall
from sisyphus.state import SUBMITTABLE, task_id_state
from sisyphus.usage import read_usage


class EngineBase:
    """Runs tasks. Subclasses queue command lines in `submit_call` and report their states in `task_state`."""

    def start_engine(self) -> None:
        """Called once by the manager, before anything else."""

    def stop_engine(self) -> None:
        """Called once by the manager when it ends."""

    def stop_tasks(self) -> list[tuple[str, str, int]]:
        """Stop all running tasks; their keys (job id, task name, task id)."""
        return []

    def task_state(self, task, task_id: int) -> str | None:
        """`running`, `queue`, or None for a task that the engine does not know."""
        raise NotImplementedError

    def submit_call(self, call, logpath, rqmt, name, task_name, task_ids) -> tuple[str, object]:
        """Queue a worker command for some ids; (engine name, a literal to find the submission again)."""
        raise NotImplementedError

    def start_what_fits(self) -> list[tuple[str, str, int]]:
        """Start the queued tasks that fit into the free resources; their keys."""
        return []

    def collect_ended(self) -> list[tuple[str, str, int]]:
        """Keys of the tasks that ended since the last call."""
        return []

    def pending(self) -> list[tuple[str, str, int]]:
        """Keys of all queued and running tasks."""
        return []

    def stalled(self) -> dict[tuple[str, str, int], Stall]:
        """Running tasks that do nothing, as of the last look; called often."""
        return {}

    def stopped_now(self) -> dict[tuple[str, str, int], Stall]:
        """Running tasks that a signal has stopped, as of now."""
        return {}

    def kill(self, key: tuple[str, str, int]) -> None:
        """Kill a running task without waiting for its end."""

    def descriptors(self) -> list[int | None]:
        """File descriptors that become readable when a task ends; None where the system has none."""
        return []

    def refusal(self, rqmt: dict) -> str | None:
        """Why this engine can never meet a requirement; None if it can."""
        return None

    def cores(self) -> int:
        """How many cores its tasks may use in total."""
        return 1

    def shortages(self) -> dict[str, int]:
        """Resources that queued tasks wait for, in words, with the number of tasks."""
        return {}

    def get_default_rqmt(self, task) -> dict:
        return {"cpu": 1, "mem": 1, "time": 1}

    def get_task_id(self, task_id: int | None) -> int:
        return 1 if task_id is None else task_id

    def get_used_engine(self, selector: str | None) -> "EngineBase":
        return self

    def worker_options(self, rqmt: dict) -> list[str]:
        """Options to add to the worker's command line."""
        return []

    def task_rqmt(self, task, task_id: int) -> dict:
        """The requirement of the next submission (contract.md, "Engines")."""
        rqmt_now = normalize({**self.get_default_rqmt(task), **task.rqmt()})
        history = submit_log.read(task, task_id)
        if history:
            kept = {k: history[-1][k] for k in rqmt_now if k in history[-1] and history[0].get(k) == rqmt_now[k]}
            rqmt_now = task.updated_rqmt({**rqmt_now, **kept}, read_usage(task, task_id) or {})
        return gs.check_engine_limits(rqmt_now, task)

    def submit(self, task) -> list[int]:
        """Submit every id of the task that is runnable or resumable; the ids."""
        waiting = [i for i in task.task_ids() if task_id_state(task, i, self) in SUBMITTABLE]
        batches: list[tuple[dict, list[int]]] = []
        for task_id in waiting:
            rqmt = self.task_rqmt(task, task_id)
            for other, ids in batches:
                if other == rqmt:
                    ids.append(task_id)
                    break
            else:
                batches.append((rqmt, [task_id]))
        for rqmt, ids in batches:
            job = task.job
            call = [*gs.SIS_COMMAND, "worker", *self.worker_options(rqmt), job._sis_path(), task.name()]
            call = gs.worker_wrapper(job, task.name(), call)
            log_folder = os.path.join(gs.BASE_DIR, job._sis_path())
            engine_name, info = self.submit_call(call, log_folder, rqmt, job.job_id(), task.name(), ids)
            submit_log.append(task, ids, rqmt, engine_name, info)
        return waiting


class EngineSelector(EngineBase):
    """Passes each task to the engine that its requirement names, otherwise to the default one."""

    def __init__(self, engines: dict[str, EngineBase], default_engine: str):
        if default_engine not in engines:
            raise ValueError(f"default_engine is {default_engine!r}; it must be one of {sorted(engines)}")
        self.engines = engines
        self.default_engine = default_engine

    def get_used_engine(self, selector: str | None) -> EngineBase:
        return self.engines.get(selector or self.default_engine, self.engines[self.default_engine])

    def _for(self, rqmt: dict) -> EngineBase:
        return self.get_used_engine(rqmt.get("engine"))

    def _all(self) -> list[EngineBase]:
        return list({id(engine): engine for engine in self.engines.values()}.values())

    def start_engine(self):
        for engine in self._all():
            engine.start_engine()

    def stop_engine(self):
        for engine in self._all():
            engine.stop_engine()

    def stop_tasks(self):
        return [key for engine in self._all() for key in engine.stop_tasks()]

    def task_state(self, task, task_id):
        states = (engine.task_state(task, task_id) for engine in self._all())
        return next((state for state in states if state is not None), None)

    def submit_call(self, call, logpath, rqmt, name, task_name, task_ids):
        return self._for(rqmt).submit_call(call, logpath, rqmt, name, task_name, task_ids)

    def start_what_fits(self):
        return [key for engine in self._all() for key in engine.start_what_fits()]

    def collect_ended(self):
        return [key for engine in self._all() for key in engine.collect_ended()]

    def pending(self):
        return [key for engine in self._all() for key in engine.pending()]

    def stalled(self):
        return {key: stall for engine in self._all() for key, stall in engine.stalled().items()}

    def stopped_now(self):
        return {key: stall for engine in self._all() for key, stall in engine.stopped_now().items()}

    def kill(self, key):
        for engine in self._all():
            engine.kill(key)

    def descriptors(self):
        return [descriptor for engine in self._all() for descriptor in engine.descriptors()]

    def refusal(self, rqmt):
        return self._for(rqmt).refusal(rqmt)

    def cores(self):
        return sum(engine.cores() for engine in self._all())

    def shortages(self):
        return {what: number for engine in self._all() for what, number in engine.shortages().items()}

    def get_default_rqmt(self, task):
        return self._for(task.rqmt()).get_default_rqmt(task)

    def worker_options(self, rqmt):
        return ["--engine", rqmt.get("engine") or self.default_engine]


def normalize(rqmt: dict) -> dict:
    """Memory in GB and time in hours as numbers.

    :raises ValueError: for texts in another form than "512M" and "h:m:s"
    """
    numbers = dict(rqmt)
    if "mem" in rqmt:
        numbers["mem"] = _gigabytes(rqmt["mem"])
    if "time" in rqmt:
        numbers["time"] = _hours(rqmt["time"])
    return numbers


def _gigabytes(value) -> float:
    factors = {"K": 2**-20, "M": 2**-10, "G": 1, "T": 2**10}
    text = str(value).strip().upper()
    try:
        return float(text[:-1]) * factors[text[-1]] if text[-1:] in factors else float(text)
    except ValueError:
        raise ValueError(f"mem is {value!r}; give GB as a number or a text such as '512M' or '4G'") from None


def _hours(value) -> float:
    try:
        if ":" not in str(value):
            return float(value)
        hours, minutes, seconds = map(float, str(value).split(":"))
        return hours + minutes / 60 + seconds / 3600
    except ValueError:
        raise ValueError(f"time is {value!r}; give hours as a number or a text 'h:m:s'") from None
