"""Whether a task runs where this process cannot see it: on another machine, or in another container of this one.

Clocks that somebody can set are not asked. Within one boot of one machine, ages are differences of its time since boot.
The usage file of another machine's worker has to change while this process watches it.
"""

import os
import time

from sisyphus import global_settings as gs
from sisyphus.processes import boot_id, boot_time_s, pid_namespace
from sisyphus.usage import read_usage

_Version = tuple[int, int]
_watched: dict[str, tuple[_Version, float]] = {}  # usage file -> its version, and when this process first saw it


def runs_elsewhere(task, task_id: int) -> bool:
    """Whether a worker that is not among this machine's visible processes still reports on the task."""
    usage = read_usage(task, task_id)
    if usage is None or usage.get("host") is None:
        return False
    if usage.get("boot_id") == boot_id():
        if usage.get("pid_namespace") == pid_namespace():
            return False  # the engine sees every process of it, under whatever host name
        return boot_time_s() - usage.get("boot_time_s", 0.0) < _lifetime_s()
    if usage["host"] == os.uname().nodename:
        return False  # this machine, before it started anew
    return _changes(task.path("usage", task_id))


def _lifetime_s() -> float:
    """How old the report of a running task can be."""
    return (
        gs.WAIT_PERIOD_JOB_FS_SYNC
        + gs.PLOGGING_UPDATE_FILE_PERIOD
        + 2 * gs.PLOGGING_INTERVAL
        + gs.WAIT_PERIOD_JOB_CLEANUP
    )


def _changes(path: str) -> bool:
    """Whether the file has changed within a lifetime; until one has passed since the first look, it may have."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    version, now_s = (status.st_ino, status.st_mtime_ns), time.monotonic()
    known, since_s = _watched.get(path, (None, now_s))
    if version != known:
        since_s = now_s
    _watched[path] = (version, since_s)
    return now_s - since_s < _lifetime_s()
