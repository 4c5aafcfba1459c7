"""Starting tasks by forking a process that has imported what they need, instead of importing it again for each.

The process is a child of the manager and does nothing else, so it has one thread. A task that it forks leads a session
of its own, as a shell does for other tasks: it can be stopped, killed, adopted and resumed like them.
"""

import json
import os
import socket
import subprocess

from sisyphus import global_settings as gs

MOST_BYTES = 1 << 18  # of a request
_PATIENCE_S = 20.0
_ROOM = "." * 1024  # in the command line of the forking process, for those of the tasks
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")  # read when libraries are imported


class WarmStart:
    """The manager's side."""

    def __init__(self):
        self._process: subprocess.Popen | None = None
        self._socket: socket.socket | None = None
        self._ready = self._gone = False

    def begin(self) -> None:
        """Let the process import its modules, unless it has begun; returns at once."""
        if self._process is not None or self._gone or not gs.WARM_MODULES:
            return
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        threads = {name: str(gs.DEFAULT_ENVIRONMENT_SET.get(name, 1)) for name in _THREADS}
        with theirs:
            self._process = subprocess.Popen(
                [*gs.SIS_COMMAND, "warm", str(theirs.fileno()), _ROOM],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=gs.BASE_DIR,
                env={**os.environ, **threads, "CUDA_VISIBLE_DEVICES": ""},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def start(self, arguments: list[str], log: str, error_marker: str, environment: dict[str, str]) -> int | None:
        """The pid of a new session that runs a worker; None where it has to be started in the usual way.

        :param arguments: of the worker's command line, after `worker`
        """
        if not self._is_ready():
            return None
        request = {"arguments": arguments, "log": log, "error": error_marker, "environment": environment}
        try:
            self._socket.settimeout(_PATIENCE_S)
            self._socket.send(json.dumps(request).encode())
            return int(self._socket.recv(64))
        except (OSError, ValueError):
            self.end()
            return None

    def _is_ready(self) -> bool:
        if self._process is None or self._gone:
            return False
        if not self._ready:
            self._socket.settimeout(gs.WARM_PATIENCE)
            try:
                self._ready = self._socket.recv(64) == b"ready"
                self._gone = not self._ready
            except (BlockingIOError, TimeoutError):
                pass
            except OSError:
                self._gone = True
        return self._ready

    def end(self) -> None:
        """End the process; the tasks that it has forked go on."""
        self._gone = True
        if self._process is not None:
            self._socket.close()
            self._process.kill()
            self._process.wait()
            self._process = None
