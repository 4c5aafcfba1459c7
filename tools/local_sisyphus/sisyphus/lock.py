"""One manager per work directory: an advisory lock that names its holder."""

import fcntl
import json
import os
import time

from sisyphus import global_settings as gs


class ManagerRunning(Exception):
    """Another manager uses this directory; the message names it."""


class ManagerLock:
    """Held while a manager runs; the system releases it when the process ends, in whatever way."""

    def __init__(self):
        self._file = None

    def acquire(self) -> None:
        """:raises ManagerRunning: if another process holds the lock"""
        path = os.path.join(gs.BASE_DIR, gs.WORK_DIR, ".manager.lock")
        self._file = open(path, "a+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ManagerRunning(f"another manager uses {os.path.dirname(path)}: {self._holder()}") from None
        self._file.truncate(0)
        me = {"pid": os.getpid(), "host": os.uname().nodename, "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        self._file.write(json.dumps(me))
        self._file.flush()

    def _holder(self) -> str:
        self._file.seek(0)
        try:
            holder = json.loads(self._file.read())
            return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
        except (ValueError, KeyError):
            return "it has just started"

    def release(self) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
