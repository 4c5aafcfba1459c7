"""States of task ids, tasks and jobs, from their markers and the engine (contract.md, "States")."""

import contextlib
import glob
import os

from sisyphus import global_settings as gs
from sisyphus import tries
from sisyphus.elsewhere import runs_elsewhere
from sisyphus.logs import was_killed

FINISHED = "finished"
ERROR = "error"
RETRY_ERROR = "retry_error"
QUEUE = "queue"
QUEUE_ERROR = "queue_error"
RUNNING = "running"
RUNNABLE = "runnable"
RESUMABLE = "interrupted_resumable"
NOT_RESUMABLE = "interrupted_not_resumable"
HOLD = "hold"
WAITING = "waiting"
INPUT_MISSING = "input_missing"

FAILED = (ERROR, QUEUE_ERROR, RETRY_ERROR, NOT_RESUMABLE)
NEEDS_A_PERSON = (*FAILED, HOLD, INPUT_MISSING)
SUBMITTABLE = (RUNNABLE, RESUMABLE)
ACTIVE = (RUNNING, QUEUE, RUNNABLE, RESUMABLE)
_WORST_FIRST = (ERROR, QUEUE_ERROR, RESUMABLE, NOT_RESUMABLE, RUNNABLE, QUEUE, RUNNING, RETRY_ERROR, FINISHED)


def task_id_state(task, task_id: int, engine) -> str:
    """The state of one process of a task."""
    if task.has("finished", task_id):
        return FINISHED
    known = engine.task_state(task, task_id)
    if known is not None:  # also with an error marker: tries are counted once the process has ended
        return known
    if task.has("error", task_id):
        return ERROR
    if not task.has("log", task_id):
        return RUNNABLE
    if runs_elsewhere(task, task_id):
        return RUNNING
    if tries.count_interruptions(task, task_id) > gs.MAX_SUBMIT_RETRIES:
        return RETRY_ERROR
    return RESUMABLE if task.resumable else NOT_RESUMABLE


def task_state(task, engine) -> str:
    """The worst state among the ids of a task."""
    if task.is_finished():
        return FINISHED
    states = {task_id_state(task, task_id, engine) for task_id in task.task_ids()}
    return next((state for state in _WORST_FIRST if state in states), RUNNABLE)


def job_state(job, engine) -> str:
    """The state of a job whose inputs are all available: that of its first unfinished task."""
    if job._sis_finished():
        return FINISHED
    if job._sis_hold or job._sis_has_file("hold"):
        return HOLD
    if not job._sis_is_set_up():
        return RUNNABLE
    task = first_unfinished_task(job)
    return FINISHED if task is None else task_state(task, engine)


def first_unfinished_task(job):
    return next((task for task in job._sis_task_list() if not task.is_finished()), None)


def retry_failed(task, engine) -> bool:
    """Make failed ids runnable again while the task has tries left; their logs become log.TASK.ID.error.NN.

    An id whose worker was killed (kill -9, out of memory) counts as interrupted, not as failed, if its task can resume.
    Ids whose process has not ended yet are left for the next call.
    """
    retried = False
    for task_id in task.failed_ids():
        if engine.task_state(task, task_id) is not None:
            continue
        log = task.path("log", task_id)
        if len(_failed_logs(log)) < task.tries - 1:
            _keep_failed_log(log)
            tries.failed(task, task_id)
        elif not (task.resumable and was_killed(log) and _may_go_on(task, task_id)):
            continue
        os.remove(task.path("error", task_id))
        retried = True
    return retried


def _may_go_on(task, task_id: int) -> bool:
    """Count that a worker was killed, unless the machine or the manager was stopped; whether it may start again."""
    if tries.was_shut_down(task, task_id):  # a machine ends its processes one by one: the shell may see the worker die
        return True
    if tries.count_interruptions(task, task_id) >= gs.MAX_SUBMIT_RETRIES:
        return False
    tries.interrupted(task, task_id, "the worker was killed")
    return True


def forget_failures(task) -> None:
    """Make failed and too often interrupted ids of a task runnable again; resumable ones continue."""
    for task_id in task.failed_ids():
        _keep_failed_log(task.path("log", task_id))
        os.remove(task.path("error", task_id))
    tries.forget(task)
    with contextlib.suppress(FileNotFoundError):
        os.remove(task.path("submit_log"))


def _failed_logs(log: str) -> list[str]:
    return glob.glob(glob.escape(log) + ".error.*")


def _keep_failed_log(log: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.replace(log, f"{log}.error.{len(_failed_logs(log)) + 1:02d}")
