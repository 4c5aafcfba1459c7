"""Running RETURNN in its own process: progress as one line, failure as one sentence."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

import recipe
from recipe.code_record import FOLDER_VARIABLE
from recipe.training.returnn_fork import ForkedReturnn, can_fork

# A line of RETURNN's log: "ep 3 train, step 12, ctc 1.234, 0.100 sec/step, elapsed 0:00:01, ..., complete 42.00%"
# The first number after the step is the loss, under the name that the model gives it.
_STEP = re.compile(
    r"^ep (\d+) (\S+)(?: eval| forward)?, step \d+,(?: \w+ (nan|inf|-?[\d.]+(?:e[+-]?\d+)?),)?.* complete ([\d.]+)%"
)
_ERROR = re.compile(r"^(?:\w+\.)*(?:\w*Error|\w*Exception|\w*Interrupt): .*\S")
PROGRESS_PERIOD_S = 2.0
# By default glibc returns large freed blocks to the kernel, which clears every page again: a sixth of the CPU time.
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 31), "MALLOC_TRIM_THRESHOLD_": str(1 << 31)}


def run_returnn(
    config: Path,
    log: Path,
    on_step: Callable[[int, str, str | None, float], None] = lambda *_: None,
    num_processes: int = 1,
) -> None:
    """Run RETURNN on `config`, in the folder of that file.

    Its output is appended to `log`, and printed except for the lines of single steps. After its first step it leaves a
    record of its code beside `config`.

    :param on_step: called every PROGRESS_PERIOD_S with what `step_of` returns
    :param num_processes: processes that train together on this machine
    :raises RuntimeError: with RETURNN's last error message, in one sentence
    """
    environment = {**_environment(), FOLDER_VARIABLE: str(config.parent)}
    tail: deque[str] = deque(maxlen=2000)
    with (
        open(log, "a", encoding="utf-8") as file,
        _started(config, environment, num_processes) as process,
    ):
        try:
            _follow(process, file, tail, on_step)
        except BaseException:
            _kill_with_children(process.pid)
            raise
    if process.returncode:
        raise RuntimeError(f"RETURNN failed ({failure(tail, process.returncode)}); its whole log is {log.name}")


def _started(config: Path, environment: dict[str, str], num_processes: int) -> subprocess.Popen | ForkedReturnn:
    if num_processes == 1 and can_fork():
        print("+ returnn", config, "(forked)", flush=True)
        return ForkedReturnn(config, environment)
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={num_processes}"]
    command = [sys.executable, *(launcher if num_processes > 1 else []), "-m", "returnn", str(config)]
    print("+", " ".join(command), flush=True)
    return subprocess.Popen(
        command,
        cwd=config.parent,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )


def _follow(process: subprocess.Popen | ForkedReturnn, file, tail: deque[str], on_step: Callable) -> None:
    reported_s = 0.0
    assert process.stdout is not None
    for line in process.stdout:
        file.write(line)
        tail.append(line)
        step = step_of(line)
        if step is None:
            print(line, end="", flush=True)
        elif time.monotonic() > reported_s + PROGRESS_PERIOD_S:
            reported_s = time.monotonic()
            on_step(*step)


def step_of(line: str) -> tuple[int, str, str | None, float] | None:
    """Sub-epoch, data set, loss as text and finished fraction of the sub-epoch; None if the line logs no step."""
    match = _STEP.match(line)
    return None if match is None else (int(match[1]), match[2], match[3], float(match[4]) / 100)


def _kill_with_children(pid: int) -> None:
    """Kill RETURNN's helper processes as well: they print before they exit, and block when nobody reads the pipe."""
    process = psutil.Process(pid)
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()


def failure(lines: Iterable[str], returncode: int) -> str:
    """The last error message among lines of RETURNN's log; without one, the signal or exit status."""
    plain = [re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in lines]
    messages = [line for line in plain if _ERROR.match(line)]
    if messages:
        return messages[-1]
    return f"signal {-returncode}" if returncode < 0 else f"exit status {returncode}"


def _environment() -> dict[str, str]:
    root = str(Path(recipe.__file__).resolve().parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "OMP_NUM_THREADS": "1",
        **_KEEP_MEMORY,
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
    }
