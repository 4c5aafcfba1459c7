"""Starting tasks by forking a process that has imported what they need, instead of importing it again for each.

The process is a child of the manager and does nothing else, so it has one thread. A task that it forks leads a session
of its own, as a shell does for other tasks: it can be stopped, killed, adopted and resumed like them.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys

from sisyphus import global_settings as gs

_MOST_BYTES = 1 << 18  # of a request
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


def serve(options) -> int:
    """Import WARM_MODULES, then fork a task for every request, until the manager closes the connection.

    In a forked worker it returns the exit status of the task.
    """
    manager = socket.socket(fileno=options.descriptor)
    for name in gs.WARM_MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that collections in tasks do not touch, and copy, what they share
    manager.send(b"ready")
    while request := manager.recv(_MOST_BYTES):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if os.fork() == 0:
            return _lead(manager, **json.loads(request))
    os._exit(0)


def _lead(manager: socket.socket, arguments: list[str], log: str, error: str, environment: dict[str, str]) -> int:
    """Be the session of a task: fork its worker, mark an error if it dies, and end what it leaves running."""
    os.setsid()
    _set_command_line([*gs.SIS_COMMAND, "worker", *arguments])
    manager.send(str(os.getpid()).encode())  # not before: until then it belongs to the session of the forking process
    manager.close()
    os.environ.clear()
    os.environ.update(environment)
    from sisyphus.localengine import open_log

    with open_log(log) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    worker = os.fork()
    if worker == 0:
        return _work(arguments)
    status = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    if status != 0 and not os.path.exists(error):
        with contextlib.suppress(OSError):
            os.write(1, f"the worker died with status {status if status > 0 else 128 - status}\n".encode())
        try:
            os.link(log, error)
        except OSError:
            with contextlib.suppress(OSError):
                open(error, "w").close()
    os.kill(0, signal.SIGKILL)
    raise AssertionError("this process has killed itself")


def _work(arguments: list[str]) -> int:
    from sisyphus.command_line import parser
    from sisyphus.worker import run

    gs.IS_FORKED = True
    sys.argv[1:] = ["worker", *arguments]
    return run(parser().parse_args(sys.argv[1:]))


def _set_command_line(arguments: list[str]) -> None:
    """Show these arguments to whoever looks for workers (`processes.worker_sessions`)."""
    with open("/proc/self/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # arg_start and arg_end, proc(5)
    text = b"\0".join(map(os.fsencode, arguments)) + b"\0"
    if start and len(text) <= end - start:
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, text, len(text))
