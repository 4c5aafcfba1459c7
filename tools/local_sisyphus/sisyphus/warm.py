"""Starting tasks by forking a process that has imported what they need, instead of importing it again for each.

The process is a child of the manager and does nothing else, so it has one thread. A task that it forks leads a session
of its own, as a shell does for other tasks: it can be stopped, killed, adopted and resumed like them.
"""

import json
import os
import select
import subprocess

from sisyphus import global_settings as gs

READY = b"ready"
_PATIENCE_S = 20.0
_ROOM = "." * 1024  # in the command line of the forking process, for those of the tasks
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")  # read when libraries are imported


class WarmStart:
    """The manager's side: requests go through one pipe, answers come through another."""

    def __init__(self):
        self._process: subprocess.Popen | None = None
        self._requests = self._answers = -1
        self._ready = self._gone = False

    def begin(self) -> None:
        """Let the process import its modules, unless it has begun; returns at once."""
        if self._process is not None or self._gone or not gs.WARM_MODULES:
            return
        (their_requests, self._requests), (self._answers, their_answers) = os.pipe(), os.pipe()
        threads = {name: str(gs.DEFAULT_ENVIRONMENT_SET.get(name, 1)) for name in _THREADS}
        self._process = subprocess.Popen(
            [*gs.SIS_COMMAND, "warm", str(their_requests), str(their_answers), _ROOM],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=gs.BASE_DIR,
            env={**os.environ, **threads, "CUDA_VISIBLE_DEVICES": ""},
            pass_fds=[their_requests, their_answers],
            start_new_session=True,
        )
        os.close(their_requests)
        os.close(their_answers)

    def start(self, arguments: list[str], log: str, error_marker: str, environment: dict[str, str]) -> int | None:
        """The pid of a new session that runs a worker; None where it has to be started in the usual way.

        :param arguments: of the worker's command line, after `worker`
        """
        if not self._is_ready():
            return None
        request = {"arguments": arguments, "log": log, "error": error_marker, "environment": environment}
        try:
            with open(self._requests, "w", encoding="utf-8", closefd=False) as file:
                file.write(f"{json.dumps(request)}\n")
            return int(self._answer(_PATIENCE_S) or b"")
        except (OSError, ValueError):
            self.end()
            return None

    def _is_ready(self) -> bool:
        if self._process is not None and not self._gone and not self._ready:
            answer = self._answer(gs.WARM_PATIENCE)
            self._ready = answer == READY
            self._gone = answer not in (READY, None)
        return self._ready and not self._gone

    def _answer(self, patience_s: float) -> bytes | None:
        """What the process says; empty if it has ended, None if it says nothing."""
        ready, _, _ = select.select([self._answers], [], [], patience_s)
        return os.read(self._answers, 64) if ready else None

    def end(self) -> None:
        """End the process; the tasks that it has forked go on."""
        self._gone = True
        if self._process is not None:
            os.close(self._requests)
            os.close(self._answers)
            self._process.kill()
            self._process.wait()
            self._process = None
