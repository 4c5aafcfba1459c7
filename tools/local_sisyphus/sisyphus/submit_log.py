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


def count_tries(task, task_id: int) -> int:
    """How often the id was submitted since it last made progress."""
    fractions = [entry.get("completed_fraction") or 0.0 for entry in read(task, task_id)]
    return sum(fraction >= fractions[-1] for fraction in fractions)


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
        with open(path, encoding="utf-8") as file:
            return [ast.literal_eval(line) for line in file if line.strip()]
    except FileNotFoundError:
        return []
