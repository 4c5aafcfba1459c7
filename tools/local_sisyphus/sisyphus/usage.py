"""The file `usage.TASK.ID`: the resources that a running task uses, written by its worker."""

import ast
import contextlib
import os
import threading
import time

from sisyphus import global_settings as gs
from sisyphus.processes import boot_id, boot_time_s, pid_namespace, session_usage

_GIB = 2**30


def read_usage(task, task_id: int) -> dict | None:
    """The last report of a task id; None if there is none."""
    try:
        with open(task.path("usage", task_id), encoding="utf-8") as file:
            return ast.literal_eval(file.read())
    except (OSError, ValueError, SyntaxError):
        return None


class UsageReporter:
    """Measures this worker and its children in a thread and updates the usage file."""

    def __init__(self, path: str, rqmt: dict):
        self.path = path
        self.rqmt = rqmt
        self.out_of_memory = False
        self._start_s = time.monotonic()
        self._peak = {"cpu": 0.0, "rss": 0.0, "vms": 0.0}
        self._current = dict(self._peak)
        self._user = os.environ.get("USER") or str(os.getuid())  # before the task's environment is cleaned
        self._last = (self._start_s, 0.0)
        self._written_s = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        # A task that forks must not copy this thread's locks while it holds them.
        self._working = threading.Lock()
        released = self._working.release
        os.register_at_fork(before=self._working.acquire, after_in_parent=released, after_in_child=released)

    def start(self) -> None:
        self._measure()
        self.write()
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._measure()
        self.write()

    def _watch(self) -> None:
        reported_gb = self._peak["rss"]
        while not self._stopped.wait(gs.PLOGGING_INTERVAL):
            with self._working:
                self._measure()
                grown = self._peak["rss"] > reported_gb * (1 + gs.PLOGGING_MIN_CHANGE)
                if grown or time.monotonic() - self._written_s > gs.PLOGGING_UPDATE_FILE_PERIOD:
                    reported_gb = self._peak["rss"]
                    self.write()

    def _measure(self) -> None:
        used = session_usage(os.getsid(0))
        now_s, (last_s, last_cpu_s) = time.monotonic(), self._last
        percent = self._current["cpu"]
        if now_s - last_s > 1:  # shorter ones are dominated by the clock tick
            percent = round(100 * max(0.0, used.cpu_s - last_cpu_s) / (now_s - last_s), 1)
            self._last = (now_s, used.cpu_s)
        self._current = {"cpu": percent, "rss": used.rss_bytes / _GIB, "vms": used.vms_bytes / _GIB}
        self._peak = {name: max(value, self._current[name]) for name, value in self._peak.items()}

    def write(self) -> None:
        """Write what was used so far to the `usage` file of the task."""
        self._written_s = time.monotonic()
        report = {
            "boot_id": boot_id(),
            "boot_time_s": boot_time_s(),
            "cpu_time": sum(os.times()[:4]) / 3600,  # user and system, of this process and the children it waited for
            "current": self._current,
            "current_time": time.ctime(),
            "host": os.uname().nodename,
            "max": self._peak,
            "out_of_memory": self.out_of_memory,
            "pid": os.getpid(),
            "pid_namespace": pid_namespace(),
            "requested_resources": self.rqmt,
            "used_time": (self._written_s - self._start_s) / 3600,
            "user": self._user,
        }
        scratch = f"{self.path}.part"
        with contextlib.suppress(OSError):  # a full disk must not stop the task here
            with open(scratch, "w", encoding="utf-8") as file:
                file.write(f"{report!r}\n")
            os.replace(scratch, self.path)
