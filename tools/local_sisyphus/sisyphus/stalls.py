"""Running tasks that do nothing: stopped by a signal, waiting for a disk, or silent."""

import itertools
import os
from typing import NamedTuple

from sisyphus import global_settings as gs
from sisyphus.processes import Session, families

LOOK_PERIOD_S = 10.0
_STOPPED_TOLD_S = 15.0  # longer than a debugger or a profiler holds a process
_BLOCKED_TOLD_S = 30.0
_IDLE_SHARE = 0.02  # of a core; measuring itself takes a worker less
_MOST_FILES = 1000  # looked at per folder

Key = tuple[str, str, int]


class Stall(NamedTuple):
    """What a task has been doing instead of working."""

    kind: str  # "stopped", "blocked" or "silent"
    seconds: float
    pid: int  # of a process in that state

    def __str__(self) -> str:
        lasting = f"for {round(self.seconds)} s" if self.seconds else "at this moment"
        if self.kind == "stopped":
            return f"stopped by a signal {lasting}: `kill -CONT {self.pid}` lets process {self.pid} go on"
        if self.kind == "blocked":
            return f"process {self.pid} has waited for a disk or device {lasting}: see `dmesg`"
        return f"silent {lasting}: no CPU time, and nothing new in its log, output/ and work/"


class _Seen(NamedTuple):
    cpu_s: float
    output: int
    stopped_s: float = 0.0
    blocked_s: float = 0.0
    silent_s: float = 0.0


class StallWatch:
    """Looks at sessions of processes again and again; durations are sums over looks.

    So a task has not stalled while this process was stopped too, as in a machine that was suspended.
    """

    def __init__(self):
        self._seen: dict[Key, _Seen] = {}
        self._looked_s = 0.0

    def forget(self, key: Key) -> None:
        """A task has ended: what a later try of it does is another matter."""
        self._seen.pop(key, None)

    def look(self, sessions: dict[Key, Session], now_s: float) -> dict[Key, Stall]:
        """The stalled ones among running tasks.

        :param now_s: of a clock that nobody sets
        """
        passed_s = min(now_s - self._looked_s, 2 * LOOK_PERIOD_S) if self._seen else 0.0
        self._looked_s = now_s
        before, self._seen = self._seen, {}
        found = {}
        for key, members in families(sessions).items():
            cpu_s, output = sum(member.cpu_s for member in members), _output(key)
            last = before.get(key, _Seen(cpu_s, output))
            idle = abs(cpu_s - last.cpu_s) <= _IDLE_SHARE * passed_s
            stopped = [member.pid for member in members if member.state in "Tt"]
            blocked = [member.pid for member in members if member.state == "D"]
            seen = self._seen[key] = _Seen(
                cpu_s,
                output,
                last.stopped_s + passed_s if stopped else 0.0,
                last.blocked_s + passed_s if blocked and idle else 0.0,
                last.silent_s + passed_s if idle and output == last.output else 0.0,
            )
            if seen.stopped_s >= _STOPPED_TOLD_S:
                found[key] = Stall("stopped", seen.stopped_s, stopped[0])
            elif seen.blocked_s >= _BLOCKED_TOLD_S:
                found[key] = Stall("blocked", seen.blocked_s, blocked[0])
            elif seen.silent_s >= gs.SILENT_TASK_NOTICE:
                found[key] = Stall("silent", seen.silent_s, members[0].pid)
        return found


def stopped_now(sessions: dict[Key, Session]) -> dict[Key, Stall]:
    """The tasks that a signal has stopped, at one look."""
    found = {}
    for key, members in families(sessions).items():
        stopped = [member.pid for member in members if member.state in "Tt"]
        if stopped:
            found[key] = Stall("stopped", 0.0, stopped[0])
    return found


def _output(key: Key) -> int:
    """A number that changes when the task writes: its log, or a file right below output/ or work/."""
    job_id, task_name, task_id = key
    job = os.path.join(gs.BASE_DIR, gs.WORK_DIR, job_id)
    versions = [_version(os.path.join(job, f"log.{task_name}.{task_id}"))]
    for folder in (os.path.join(job, "output"), os.path.join(job, "work")):
        versions.append(_version(folder))
        try:
            with os.scandir(folder) as entries:
                versions += sorted(
                    (entry.name, *_version(entry.path)) for entry in itertools.islice(entries, _MOST_FILES)
                )
        except OSError:
            pass
    return hash(tuple(versions))


def _version(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return status.st_size, status.st_mtime_ns
