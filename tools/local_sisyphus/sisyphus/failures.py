"""Telling why a job failed: one clear sentence, then where to read on."""

import os
import re

from sisyphus import global_settings as gs
from sisyphus.state import ERROR, RETRY_ERROR

_EXCEPTION = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?:: (.*))?$")


def describe(job, state: str, refusal: str | None = None) -> list[str]:
    """Lines about a failed job: the reason, the job with its config line, the end of the log and its path."""
    place = f", from {job._sis_created_at}" if job._sis_created_at else ""
    if refusal:
        return [refusal, f"  {job}{place}"]
    task, task_id = _failed_task(job, state)
    if task is None:
        return [f"{job} is {state}"]
    log = task.path("log", task_id)
    tail = log_tail(log, gs.PRINT_ERROR_LINES)
    lines = [reason(tail, state), f"  {job}, task {task.name()} {task_id}{place}"]
    return [*lines, *(f"  | {line}" for line in tail), f"  log: {os.path.relpath(log, gs.BASE_DIR)}"]


def reason(log_lines: list[str], state: str = ERROR) -> str:
    """The last line of the last traceback; of an InputError only its sentence."""
    if state == RETRY_ERROR:
        return f"interrupted more than {gs.MAX_SUBMIT_RETRIES} times; remove its submit_log to go on"
    if state != ERROR:
        return "interrupted, and its task cannot be resumed; -cio moves it aside and starts over"
    starts = [number for number, line in enumerate(log_lines) if line.startswith("Traceback ")]
    for line in log_lines[starts[-1] + 1 :] if starts else ():
        match = _EXCEPTION.match(line)
        if match:
            return match[2] if match[1] == "InputError" and match[2] else line
    return log_lines[-1] if log_lines else "failed without a word in its log"


def log_tail(path: str, lines: int) -> list[str]:
    """The last lines of a log, of its last 64 kB at most."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 65536))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return text.rstrip().splitlines()[-lines:]


def _failed_task(job, state: str):
    for task in job._sis_task_list():
        if task.failed_ids():
            return task, task.failed_ids()[0]
        unfinished = [task_id for task_id in task.task_ids() if not task.has("finished", task_id)]
        if unfinished:
            return (task, unfinished[0]) if state != ERROR else (None, None)
    return None, None
