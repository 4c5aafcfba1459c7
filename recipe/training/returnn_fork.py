"""RETURNN as a fork of a task that has imported torch already, instead of a program that imports it again."""

import contextlib
import ctypes
import os
import runpy
import sys
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import IO, NoReturn

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_KEPT_BYTES = (1 << 31) - 1


def can_fork() -> bool:
    """Whether this task was forked from a process that has torch, by the bundled engine."""
    from sisyphus import gs

    return getattr(gs, "IS_FORKED", False) is True


class ForkedReturnn:
    """As much of a `subprocess.Popen` as its reader needs: `with ForkedReturnn(...) as process: process.stdout`."""

    def __init__(self, config: Path, environment: Mapping[str, str]):
        """
        :param config: of RETURNN, which runs in its folder
        :param environment: all variables that RETURNN sees
        """
        sys.stdout.flush()
        sys.stderr.flush()
        ours, theirs = os.pipe()
        with warnings.catch_warnings():  # of the engine's thread, which holds no lock now
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            os.close(ours)
            _run(config, environment, theirs)
        os.close(theirs)
        self.stdout: IO[str] = open(ours, encoding="utf-8", errors="replace")
        self.returncode: int | None = None

    def __enter__(self) -> "ForkedReturnn":
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _run(config: Path, environment: Mapping[str, str], output: int) -> NoReturn:
    status = 1
    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(config.parent)
        os.environ.clear()
        os.environ.update(environment)
        sys.stdout, sys.stderr = (open(number, "w", buffering=1, closefd=False) for number in (1, 2))
        _keep_memory()
        sys.argv = ["returnn", str(config)]
        runpy.run_module("returnn", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _keep_memory() -> None:
    """What the variables MALLOC_*_THRESHOLD_ do at the start of a program."""
    with contextlib.suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        for threshold in (_MMAP_THRESHOLD, _TRIM_THRESHOLD):
            libc.mallopt(threshold, _KEPT_BYTES)
