"""Running tasks on this machine, within its cores, memory and GPUs."""

import os
import subprocess
import time
from collections import Counter
from typing import NamedTuple

from sisyphus import global_settings as gs
from sisyphus import submit_log, tries
from sisyphus.command_line import parser
from sisyphus.engine import EngineBase
from sisyphus.identity import created_jobs, place_of
from sisyphus.processes import Session, kill_session, stop_sessions, worker_sessions
from sisyphus.stalls import LOOK_PERIOD_S, Stall, StallWatch, stopped_now
from sisyphus.state import QUEUE, RUNNING
from sisyphus.warm import WarmStart

# A shell is the parent of each worker. If both are killed, no marker is written and the task counts as interrupted. If
# only the worker dies, the shell writes the error marker, a hard link to the log, even without a manager. Finally it
# kills what the worker left running in the session, which would disturb a second attempt.
_SUPERVISE = """
log=$1; error=$2; shift 2; "$@"; status=$?
if [ $status -ne 0 ] && [ ! -e "$error" ]; then
    echo "the worker died with status $status"
    ln "$log" "$error" || : > "$error"
fi
"""
_KILL_THE_REST = "kill -KILL 0\n"

Key = tuple[str, str, int]


def supervised(call: list[str], log: str, error_marker: str, own_session: bool = False) -> list[str]:
    """The command line that runs `call` and marks an error if it dies; `own_session`: kill the rest of the session."""
    script = _SUPERVISE + (_KILL_THE_REST if own_session else "")
    return ["/bin/sh", "-c", script, "sisyphus-task", log, error_marker, *call]


def open_log(path: str):
    """The log opened for appending, with a separator after an earlier attempt."""
    log = open(path, "ab")
    if log.tell():
        log.write(b"\n" + b"#" * 60 + b"\n# RETRY OR CONTINUE TASK\n" + b"#" * 60 + b"\n")
        log.flush()
    return log


class _Queued(NamedTuple):
    key: Key
    call: list[str]
    folder: str
    rqmt: dict


class _Running(NamedTuple):
    session: Session
    rqmt: dict
    gpus: list[str]


class LocalEngine(EngineBase):
    """Starts the tasks of the least `place_in_order` of their jobs first, among equals what was queued first.

    Jobs without that attribute come last. Smaller tasks overtake one that does not fit.

    :param cpus: number of cores for tasks (keyword `cpu` overrides)
    :param gpus: number of GPUs (keyword `gpu` overrides), named in `available_gpus`, e.g. "0,1"
    :param limits: further limited resources, such as mem=16 (GB); counted only if given
    """

    def __init__(self, cpus: int = 1, gpus: int = 0, available_gpus: str = "", **limits):
        self.limits = {"cpu": limits.pop("cpu", cpus), "gpu": limits.pop("gpu", gpus), **limits}
        names = [name.strip() for name in str(available_gpus).split(",") if name.strip()]
        self.free_gpus = names or [str(number) for number in range(self.limits["gpu"])]
        if len(self.free_gpus) < self.limits["gpu"]:
            raise ValueError(f"gpus={self.limits['gpu']} but available_gpus={available_gpus!r}; name each of them")
        self.free = dict(self.limits)
        self.queue: list[_Queued] = []
        self.running: dict[Key, _Running] = {}
        self._queued: set[Key] = set()
        self._watch = StallWatch()
        self._stalled: dict[Key, Stall] = {}
        self._next_look_s = 0.0
        self._warm = WarmStart()

    def start_engine(self) -> None:
        """Adopt the tasks that a killed manager left running on this machine."""
        for pid, arguments in worker_sessions(gs.BASE_DIR):
            key = _key_of(arguments)
            if key is not None:
                self._adopt(key, Session(pid))

    def stop_engine(self) -> None:
        """End the process that tasks are forked from."""
        self._warm.end()

    def _adopt(self, key: Key, session: Session) -> None:
        """Count the resources that a task was submitted with and the GPUs that it was started with."""
        path = os.path.join(gs.BASE_DIR, gs.WORK_DIR, key[0], f"submit_log.{key[1]}")
        history = submit_log.read_file(path, key[2])
        rqmt = history[-1] if history else {"cpu": 1}
        gpus = [name for name in session.gpus() if name in self.free_gpus]
        self.free_gpus = [name for name in self.free_gpus if name not in gpus]
        self.running[key] = _Running(session, rqmt, gpus)
        self._charge(rqmt, -1)

    def task_state(self, task, task_id):
        key = (task.job.job_id(), task.name(), task_id)
        if key in self.running:
            return RUNNING
        return QUEUE if key in self._queued else None

    def refusal(self, rqmt):
        for name, limit in self.limits.items():
            if rqmt.get(name, 0) > limit:
                return f"asks for {name}={rqmt[name]:g}, but this machine's engine has {limit:g}"
        return None

    def cores(self):
        return self.limits["cpu"]

    def shortages(self):
        lacks = Counter()
        for queued in self.queue:
            lacks.update(name for name in self.limits if queued.rqmt.get(name, 0) > self.free[name])
        return {
            f"{name} ({self.limits[name] - self.free[name]:g} of {self.limits[name]:g} taken)": number
            for name, number in lacks.items()
        }

    def task_rqmt(self, task, task_id):
        """As in the base class, but growth by retries ends at the limits of the machine."""
        rqmt_now = super().task_rqmt(task, task_id)
        recipe = {**self.get_default_rqmt(task), **task.rqmt()}
        for name, limit in self.limits.items():
            if name in rqmt_now and rqmt_now[name] > limit and not self.refusal({name: recipe.get(name, 0)}):
                rqmt_now[name] = limit
        return rqmt_now

    def submit_call(self, call, logpath, rqmt, name, task_name, task_ids):
        for task_id in task_ids:
            key = (name, task_name, task_id)
            self.queue.append(_Queued(key, [*call, str(task_id)], logpath, rqmt))
            self._queued.add(key)
        if self._starts_warm(name, call, rqmt):
            self._warm.begin()
        return "local", os.uname().nodename

    def start_what_fits(self):
        started, left = [], []
        self.queue.sort(key=lambda queued: place_of(queued.key[0]))  # equals stay as they were queued
        for queued in self.queue:
            if all(self.free[name] >= queued.rqmt.get(name, 0) for name in self.limits):
                self._start(queued)
                self._queued.remove(queued.key)
                started.append(queued.key)
            else:
                left.append(queued)
        self.queue = left
        return started

    def _charge(self, rqmt: dict, sign: int) -> None:
        for name in self.limits:
            self.free[name] += sign * rqmt.get(name, 0)

    def _start(self, queued: _Queued) -> None:
        self._charge(queued.rqmt, -1)
        gpus = [self.free_gpus.pop(0) for _ in range(int(queued.rqmt.get("gpu", 0)))]
        suffix = f"{queued.key[1]}.{queued.key[2]}"
        log_path = os.path.join(queued.folder, f"log.{suffix}")
        error_marker = os.path.join(queued.folder, f"error.{suffix}")
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ",".join(gpus)}
        session = None
        if self._starts_warm(queued.key[0], queued.call, queued.rqmt):
            arguments = queued.call[len(gs.SIS_COMMAND) + 1 :]
            pid = self._warm.start(arguments, log_path, error_marker, environment)
            session = pid and Session(pid)
        if session is None:
            with open_log(log_path) as log:
                child = subprocess.Popen(
                    supervised(queued.call, log_path, error_marker, own_session=True),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=gs.BASE_DIR,
                    env=environment,
                    start_new_session=True,
                )
            session = Session(child.pid, child)
        self.running[queued.key] = _Running(session, queued.rqmt, gpus)
        tries.started(os.path.join(queued.folder, f"tries.{suffix}"), session.identity())

    def _starts_warm(self, job_id: str, call: list[str], rqmt: dict) -> bool:
        """Whether a task can be forked: its job says so, and it runs in the environment and with the call of others."""
        job = created_jobs.get(job_id)
        plain = call[: len(gs.SIS_COMMAND) + 1] == [*gs.SIS_COMMAND, "worker"]
        return getattr(job, "starts_warm", False) is True and plain and not (rqmt.get("gpu") or job._sis_environment)

    def collect_ended(self):
        ended = [key for key, entry in self.running.items() if entry.session.has_ended()]
        for key in ended:
            entry = self.running.pop(key)
            self._watch.forget(key)
            self._stalled.pop(key, None)
            if not _has_marker(key):  # somebody killed the shell, which would have ended the rest of its session
                kill_session(entry.session)
            entry.session.close()
            self._charge(entry.rqmt, 1)
            self.free_gpus.extend(entry.gpus)
        return ended

    def pending(self):
        return [*self._queued, *self.running]

    def stalled(self):
        now_s = time.monotonic()
        if now_s >= self._next_look_s:
            self._next_look_s = now_s + LOOK_PERIOD_S
            self._stalled = self._watch.look(self._sessions(), now_s)
        return dict(self._stalled)

    def stopped_now(self):
        return stopped_now(self._sessions())

    def _sessions(self) -> dict[Key, Session]:
        return {key: entry.session for key, entry in self.running.items()}

    def kill(self, key):
        if key in self.running:
            kill_session(self.running[key].session)

    def descriptors(self):
        return [entry.session.descriptor for entry in self.running.values()]

    def stop_tasks(self):
        self.queue.clear()
        self._queued.clear()
        stop_sessions([entry.session for entry in self.running.values()], gs.STOP_GRACE_PERIOD)
        return self.collect_ended()


def _has_marker(key: Key) -> bool:
    folder, suffix = os.path.join(gs.BASE_DIR, gs.WORK_DIR, key[0]), f"{key[1]}.{key[2]}"
    return any(os.path.exists(os.path.join(folder, f"{kind}.{suffix}")) for kind in ("finished", "error"))


def _key_of(arguments: list[str]) -> Key | None:
    """The task of a worker's arguments: [--engine NAME] JOBDIR TASK ID [--redirect_output]."""
    try:
        options, _ = parser().parse_known_args(["worker", *arguments])
    except SystemExit:
        return None
    if options.task_id is None:
        return None
    return os.path.relpath(options.job_directory, gs.WORK_DIR), options.task_name, options.task_id
