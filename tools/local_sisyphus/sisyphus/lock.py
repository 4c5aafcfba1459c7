"""One manager per work directory: an advisory lock that names its holder."""

import contextlib
import fcntl
import json
import os
import time

from sisyphus import global_settings as gs
from sisyphus.trouble import FolderTrouble


class ManagerRunning(Exception):
    """Another manager uses this directory; the message names it."""


class ManagerLock:
    """Held while a manager runs; the system releases it when the process ends, in whatever way."""

    def __init__(self):
        self._file = None

    def acquire(self) -> None:
        """:raises ManagerRunning: if another process holds the lock; FolderTrouble if there can be none"""
        path = os.path.join(gs.BASE_DIR, gs.WORK_DIR, ".manager.lock")
        if os.path.lexists(path) and not os.path.isfile(path):
            raise FolderTrouble(f"{path} is no file, so that no manager can hold it; remove it")
        self._file = open(path, "a+", encoding="utf-8", errors="replace")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ManagerRunning(f"another manager uses {os.path.dirname(path)}: {self._holder()}") from None
        except OSError as error:
            raise FolderTrouble(
                f"{path} cannot be locked ({error.strerror}), so that two managers would not notice each other; put "
                "the project on a file system with locks, or mount this one with them"
            ) from error
        self._file.truncate(0)
        me = {"pid": os.getpid(), "host": os.uname().nodename, "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        self._file.write(json.dumps(me))
        self._file.flush()

    def _holder(self) -> str:
        self._file.seek(0)
        try:
            holder = json.loads(self._file.read())
            return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
        except (ValueError, KeyError, TypeError):
            return "its lock file does not name it, perhaps because it has just started"

    def release(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # of a file system that is read-only by now
                self._file.truncate(0)
            self._file.close()
            self._file = None
