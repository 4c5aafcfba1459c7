"""Processes, through /proc: finding workers, measuring, waiting for and stopping sessions."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from typing import NamedTuple


class SessionUsage(NamedTuple):
    cpu_s: float
    rss_bytes: int
    vms_bytes: int


class _Stat(NamedTuple):
    state: str
    parent: int
    session: int
    cpu_ticks: int
    start_ticks: int
    vms_bytes: int
    rss_pages: int


def _stat(pid: int) -> _Stat | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    except OSError:
        return None
    cpu_ticks = sum(map(int, fields[11:15]))
    return _Stat(
        fields[0], int(fields[1]), int(fields[3]), cpu_ticks, int(fields[19]), int(fields[20]), int(fields[21])
    )


def _pids() -> Iterator[int]:
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    yield from (int(name) for name in names if name.isdigit())


def session_usage(session: int) -> SessionUsage:
    """CPU seconds and memory of all processes of a session; each page that n processes share counts 1/n for each."""
    stats = {pid: stat for pid in _pids() if (stat := _stat(pid)) and stat.session == session}
    page, tick = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
    return SessionUsage(
        sum(stat.cpu_ticks for stat in stats.values()) / tick,
        sum(_resident_bytes(pid, stat.rss_pages * page) for pid, stat in stats.items()),
        sum(stat.vms_bytes for stat in stats.values()),
    )


def _resident_bytes(pid: int, whole: int) -> int:
    """A process' share of resident memory; `whole`, with all that it shares, on a system that does not tell."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next((1024 * int(line.split()[1]) for line in file if line.startswith("Pss:")), whole)
    except (OSError, ValueError):
        return whole


def worker_sessions(base_dir: str) -> Iterator[tuple[int, list[str]]]:
    """(pid, arguments after `worker`) of every session that runs a worker of this base directory.

    The pid is that of the leader, the shell above the worker; of the worker where somebody has killed its shell alone.
    """
    base = os.path.realpath(base_dir)
    found: dict[int, tuple[int, int, list[str]]] = {}  # session -> start, pid and arguments of its first process
    for pid in _pids():
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                command = os.fsdecode(file.read()).rstrip("\0").split("\0")
            if "worker" not in command or not f"{os.readlink(f'/proc/{pid}/cwd')}/".startswith(f"{base}/"):
                continue
        except OSError:
            continue
        stat = _stat(pid)
        if stat and stat.state != "Z":
            one = (stat.start_ticks, pid, command[command.index("worker") + 1 :])
            found[stat.session] = min(found.get(stat.session, one), one)
    for session, (_, pid, arguments) in found.items():
        if pid == session or not _is_alive(session):  # not a worker that somebody runs in a terminal
            yield pid, arguments


def _is_alive(pid: int) -> bool:
    stat = _stat(pid)
    return stat is not None and stat.state != "Z"


def boot_id() -> str:
    """Names the time since this machine last started; the same in all its containers."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "unknown"


def boot_time_s() -> float:
    """Seconds since the machine started: a clock that nobody sets."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def pid_namespace() -> str:
    """Names the set of processes that this one can see: that of its container."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return "unknown"


class Session:
    """A running session of processes: a child of this process, or one adopted from a dead manager.

    Identified by pid and start time, because pids are reused.
    """

    def __init__(self, pid: int, child=None):
        self.pid = pid
        self.child = child
        stat = _stat(pid)
        self._start_ticks = stat.start_ticks if stat else None
        self.session_id = stat.session if stat else pid
        try:
            self.descriptor = os.pidfd_open(pid)
        except (AttributeError, OSError):
            self.descriptor = None

    def identity(self) -> dict:
        """What tells this process from every other one, whatever clocks, host names and reused pids say."""
        return {
            "boot_id": boot_id(),
            "host": os.uname().nodename,
            "pid": self.pid,
            "start_ticks": self._start_ticks,
        }

    def has_ended(self) -> bool:
        if self.child is not None:
            return self.child.poll() is not None
        stat = _stat(self.pid)
        return stat is None or stat.state == "Z" or stat.start_ticks != self._start_ticks

    def gpus(self) -> list[str]:
        """The GPUs of the session, from the environment that it was started with."""
        try:
            with open(f"/proc/{self.pid}/environ", "rb") as file:
                variables = os.fsdecode(file.read()).split("\0")
        except OSError:
            return []
        names = [v.partition("=")[2] for v in variables if v.startswith("CUDA_VISIBLE_DEVICES=")]
        return [name for text in names for name in text.split(",") if name]

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _family(sessions: set[int], known: dict[int, int]) -> dict[int, int]:
    """Start times by pid of all live processes of the sessions and of `known`, with all their descendants.

    A process that has left its session is found through its parents; `known` keeps it after they have ended.
    """
    stats = {pid: stat for pid in _pids() if (stat := _stat(pid)) and stat.state != "Z"}
    family = {}
    for pid, stat in sorted(stats.items(), key=lambda item: item[1].start_ticks):
        if stat.session in sessions or stat.parent in family or known.get(pid) == stat.start_ticks:
            family[pid] = stat.start_ticks
    return family


class Member(NamedTuple):
    pid: int
    state: str  # a letter, as in ps: T is stopped by a signal, D waits for a disk or device
    cpu_s: float


def families(sessions: dict) -> dict:
    """The living processes of each session, with all their descendants; keys as given. Ended sessions are left out."""
    stats = {pid: stat for pid in _pids() if (stat := _stat(pid)) and stat.state != "Z"}
    found: dict = {}
    owners: dict[int, object] = {}  # pid -> key
    leaders = {session.session_id: key for key, session in sessions.items()}
    tick = os.sysconf("SC_CLK_TCK")
    for pid, stat in sorted(stats.items(), key=lambda item: item[1].start_ticks):
        key = leaders.get(stat.session, owners.get(stat.parent))
        if key is not None:
            owners[pid] = key
            found.setdefault(key, []).append(Member(pid, stat.state, stat.cpu_ticks / tick))
    return found


def kill_session(session: "Session") -> None:
    """Send SIGKILL to a session and all descendants of its processes, also to those that start meanwhile.

    Does not wait for their end, which a dead disk delays for ever.
    """
    family: dict[int, int] = {}
    signalled: dict[int, int] = {}
    for _ in range(10):
        family = _family({session.session_id}, family)
        new = {pid: start for pid, start in family.items() if signalled.get(pid) != start}
        if not new:
            return
        for pid in new:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        signalled.update(new)
        time.sleep(0.01)


def stop_sessions(sessions: list[Session], grace_s: float) -> None:
    """Send SIGTERM to all processes of the sessions and their descendants, after `grace_s` SIGKILL to the rest."""
    leaders = {session.session_id for session in sessions if not session.has_ended()}
    family: dict[int, int] = {}
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        signalled: dict[int, int] = {}
        deadline = time.monotonic() + grace_s
        try:
            while (family := _family(leaders, family)) and time.monotonic() < deadline:
                for pid in [pid for pid, start in family.items() if signalled.get(pid) != start]:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, signal_number)
                signalled.update(family)
                time.sleep(0.02)
                for session in sessions:
                    session.has_ended()  # reaps it
        except KeyboardInterrupt:
            pass  # a second Ctrl-C: do not wait


def wait_for_any(descriptors: list[int | None], timeout_s: float) -> None:
    """Sleep until one of the descriptors is ready; poll at short intervals if one is None (a system without pidfd)."""
    if None in descriptors:
        timeout_s = min(timeout_s, 0.05)
    poll = select.poll()
    for descriptor in descriptors:
        if descriptor is not None:
            poll.register(descriptor, select.POLLIN)
    poll.poll(timeout_s * 1000)
