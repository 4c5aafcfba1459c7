"""The process that tasks are forked from: it has imported WARM_MODULES and waits for requests of the manager."""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys

from sisyphus import global_settings as gs
from sisyphus.command_line import parser
from sisyphus.localengine import open_log
from sisyphus.warm import READY
from sisyphus.worker import run


def serve(options) -> int:
    """Import WARM_MODULES, then fork a task for every request, until the manager closes its pipe.

    In a forked worker it returns the exit status of the task.
    """
    for name in gs.WARM_MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that collections in tasks do not touch, and copy, what they share
    os.write(options.answers, READY)
    with open(options.requests, encoding="utf-8") as requests:
        for request in requests:
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            if os.fork() == 0:
                requests.close()
                return _lead(options.answers, **json.loads(request))
    os._exit(0)


def _lead(answers: int, arguments: list[str], log: str, error: str, environment: dict[str, str]) -> int:
    """Be the session of a task: fork its worker, mark an error if it dies, and end what it leaves running."""
    os.setsid()
    _set_command_line([*gs.SIS_COMMAND, "worker", *arguments])
    # Not before: until then it belongs to the session of the forking process.
    os.write(answers, str(os.getpid()).encode())
    os.close(answers)
    os.environ.clear()
    os.environ.update(environment)
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
