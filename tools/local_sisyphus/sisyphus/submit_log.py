"""The file `submit_log.TASK` of a job: one Python literal per submission to the engine."""

import ast
import os

Submission = tuple[list[int], dict]


def append(task, task_ids: list[int], rqmt: dict, engine_name: str, engine_info) -> None:
    """Record a submission, with the progress of the job at that time."""
    entry = {**rqmt, "engine_info": engine_info, "engine_name": engine_name}
    entry["completed_fraction"] = task.job.completed_fraction()
    with open(task.path("submit_log"), "a", encoding="utf-8") as file:
        file.write(f"{(task_ids, entry)!r}\n")


def read(task, task_id: int) -> list[dict]:
    """The submissions of one task id, oldest first."""
    return read_file(task.path("submit_log"), task_id)


def read_file(path: str, task_id: int) -> list[dict]:
    """The same, given the path of the file."""
    return [entry for task_ids, entry in _read_all(path) if task_id in task_ids]


def forget_last(task, task_id: int) -> None:
    """Remove the last submission of an id: a task that its user stopped has not failed."""
    submissions = _read_all(task.path("submit_log"))
    for position in reversed(range(len(submissions))):
        task_ids, entry = submissions[position]
        if task_id in task_ids:
            submissions[position] = ([other for other in task_ids if other != task_id], entry)
            break
    scratch = task.path("submit_log") + ".part"
    with open(scratch, "w", encoding="utf-8") as file:
        file.writelines(f"{submission!r}\n" for submission in submissions if submission[0])
    os.replace(scratch, task.path("submit_log"))


def _read_all(path: str) -> list[Submission]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [submission for line in file if (submission := _parse(line))]
    except FileNotFoundError:
        return []


def _parse(line: str) -> Submission | None:
    """A line; None if it is empty, or a power cut left it torn or filled with zeros."""
    try:
        task_ids, entry = ast.literal_eval(line.strip())
        return task_ids, dict(entry)
    except (ValueError, SyntaxError, TypeError):
        return None
