"""Why a job failed: one sentence, then the end of its log and its path."""

import os
import re
import signal

from sisyphus import global_settings as gs
from sisyphus import tries
from sisyphus.logs import death_status, log_tail
from sisyphus.state import ERROR, RESUMABLE, RETRY_ERROR

_INPUT_ERROR = re.compile(r"(?:\w+\.)*\w*InputError: (.*)")


def describe(job, state: str, refusal: str | None = None) -> list[str]:
    """Lines on a failed job: the reason, the job with its config line, the end of the log and its path."""
    place = f", from {job._sis_created_at}" if job._sis_created_at else ""
    if refusal:
        return [refusal, f"  {job}{place}"]
    task, task_id = _failed_task(job, state)
    if task is None:
        return [f"{job} is {state}"]
    log = task.path("log", task_id)
    tail = log_tail(log, 1000)
    free = free_disk_mb()
    full = f"the disk is full ({free:.1f} MB free): " if free < gs.MINIMUM_FREE_DISK_MB else ""
    lines = [full + reason(tail, state), f"  {job}, task {task.name()} {task_id}{place}"]
    lines += [f"  | {line}" for line in tail[-gs.PRINT_ERROR_LINES :]]
    return [*lines, f"  log: {os.path.relpath(log, gs.BASE_DIR)}"]


def reason(log_lines: list[str], state: str = ERROR) -> str:
    """One sentence: the last line of the last traceback, of an (Any)InputError only its message."""
    if state == RETRY_ERROR:
        return (
            f"interrupted more than {gs.MAX_SUBMIT_RETRIES} times without getting further; start with -ro to try again"
        )
    if state != ERROR:
        return "interrupted, and its task cannot be resumed; start with -cio to move it aside and start it over"
    last = log_lines[-1] if log_lines else "failed with an empty log"
    status = death_status(last)
    if status is not None:
        return _death(status)
    line = _exception_line(log_lines) or last
    input_error = _INPUT_ERROR.match(line)
    return input_error[1] if input_error else line


def interruption(job) -> str:
    """How the last try of an interrupted job ended."""
    task, task_id = _failed_task(job, RESUMABLE)
    losses = tries.count_losses(task, task_id) if task else 0
    return f"lost with its machine ({losses} so far, not counted)" if losses else "interrupted"


def _exception_line(log_lines: list[str]) -> str | None:
    """The first line after the indented frames of the last traceback."""
    for number in reversed(range(len(log_lines))):
        if log_lines[number].startswith("Traceback ("):
            return next((line for line in log_lines[number + 1 :] if line and not line[0].isspace()), None)
    return None


def _death(status: int) -> str:
    """The cause that a shell's exit status stands for."""
    if status <= 128:
        return f"the worker ended with exit status {status} without an exception"
    try:
        name = signal.Signals(status - 128).name
    except ValueError:
        name = f"signal {status - 128}"
    return f"the worker was killed by {name}" + (", perhaps because memory ran out" if name == "SIGKILL" else "")


def free_disk_mb() -> float:
    """Free space in the work directory for ordinary users; 0 without free inodes."""
    disk = os.statvfs(os.path.join(gs.BASE_DIR, gs.WORK_DIR))
    return disk.f_bavail * disk.f_frsize / 1e6 if disk.f_files == 0 or disk.f_favail else 0.0


def _failed_task(job, state: str):
    for task in job._sis_task_list():
        if task.failed_ids():
            return task, task.failed_ids()[0]
        unfinished = [task_id for task_id in task.task_ids() if not task.has("finished", task_id)]
        if unfinished:
            return (task, unfinished[0]) if state != ERROR else (None, None)
    return None, None
