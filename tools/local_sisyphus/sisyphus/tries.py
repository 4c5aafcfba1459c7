"""The file `tries.TASK.ID` of a job: a JSON line when a try starts, and one when a survivor saw it end without result.

A try that vanished together with all who watched it (a power cut, a machine taken away) leaves the first line alone. It
says nothing about the job, so it does not count: only seen interruptions do, and of these only those since the job last
got further (`Job.completed_fraction`).
"""

import errno
import glob
import json
import os

from sisyphus.processes import boot_id


def started(path: str, process: dict) -> None:
    """Record a try and the process that runs it (`Session.identity`)."""
    _append(path, {"started": process})


def interrupted(task, task_id: int, cause: str) -> None:
    """Record that a try was seen to end without a result."""
    entry = {"interrupted": cause, "completed_fraction": task.job.completed_fraction()}
    _append(task.path("tries", task_id), entry)


def stopped(task, task_id: int) -> None:
    """Record that the user stopped the manager, and the try with it."""
    _append(task.path("tries", task_id), {"stopped": True})


def failed(task, task_id: int) -> None:
    """Record that a try failed, where the task has more of them."""
    _append(task.path("tries", task_id), {"failed": True})


def count_interruptions(task, task_id: int) -> int:
    """How often an id was seen interrupted since the job got further than it had been then."""
    entries = _read(task.path("tries", task_id))
    fractions = [entry.get("completed_fraction") or 0.0 for entry in entries if "interrupted" in entry]
    now = task.job.completed_fraction() or 0.0 if fractions else 0.0
    return sum(fraction >= now for fraction in fractions)


def count_losses(task, task_id: int) -> int:
    """How often an id vanished with its machine and manager, if its last try did; otherwise 0."""
    kinds = [next(iter(entry)) for entry in _read(task.path("tries", task_id))]
    pairs = list(zip(kinds, [*kinds[1:], "started"], strict=True))
    return pairs.count(("started", "started")) if kinds[-1:] == ["started"] else 0


def was_shut_down(task, task_id: int) -> bool:
    """Whether the last try was stopped with its manager, or ran before this machine started anew."""
    entries = _read(task.path("tries", task_id))
    starts = [entry["started"] for entry in entries if "started" in entry]
    return "stopped" in (entries or [{}])[-1] or bool(starts) and starts[-1].get("boot_id") != boot_id()


def forget(task) -> None:
    """Remove the records of all ids of a task."""
    for path in glob.glob(glob.escape(task.path("tries")) + ".*"):
        os.remove(path)


def _append(path: str, entry: dict) -> None:
    try:
        with open(path, "a+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 1))
            torn = size > 0 and file.read(1) != b"\n"  # by a power cut
            file.write(b"\n" * torn + json.dumps(entry).encode() + b"\n")
    except OSError as error:
        if error.errno != errno.ENOSPC:  # then nothing starts again, and nothing has to be counted, until there is room
            raise


def _read(path: str) -> list[dict]:
    """The entries; lines that a power cut left torn or filled with zeros are left out."""
    entries = []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict) and entry:
                    entries.append(entry)
    except FileNotFoundError:
        pass
    return entries
