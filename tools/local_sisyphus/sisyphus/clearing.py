"""Retrying failed tasks, and moving job directories aside so that the jobs start over."""

import os

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus.job import Job
from sisyphus.lock import ManagerLock

_BROKEN = (st.ERROR, st.QUEUE_ERROR, st.RETRY_ERROR)
_MARKERS = ("job.save", "finished.tar.gz", "finished")


def retry_or_clear(states: dict[Job, str], options) -> None:
    """Do what `-ro`, `-co` and `-cio` of the command line ask for."""
    broken = [job for job, state in states.items() if state in _BROKEN]
    if options.retry_errors_once:
        for task in (task for job in broken for task in job._sis_task_list()):
            st.forget_failures(task)
    elif options.clear_errors_once:
        _clear_jobs(broken)
    if options.clear_interrupts_once:
        _clear_jobs([job for job, state in states.items() if state == st.NOT_RESUMABLE])


def _clear_jobs(jobs: list[Job]) -> None:
    for job in jobs:
        _move_aside(str(job), os.path.join(gs.BASE_DIR, job._sis_path()))


def clear(options) -> int:
    """`sis clear`: move the named job directories aside; the next manager that needs the jobs runs them again."""
    lock = ManagerLock()
    lock.acquire()
    try:
        for name in options.jobs:
            _move_aside(name, _job_folder(name))
    finally:
        lock.release()
    return 0


def _move_aside(name: str, folder: str) -> None:
    """Rename a job directory to the next free `<directory>.cleared.NNNN`."""
    number = 1
    while os.path.lexists(f"{folder}.cleared.{number:04d}"):
        number += 1
    aside = f"{folder}.cleared.{number:04d}"
    os.rename(folder, aside)
    print(f"cleared: {name} -> {os.path.relpath(aside, gs.BASE_DIR)}")


def _job_folder(name: str) -> str:
    """The directory of a job given by its id, its directory or an alias.

    :raises RuntimeError: if there is no such job
    """
    alias = os.path.join(gs.BASE_DIR, gs.ALIAS_DIR, name)
    candidates = [os.path.join(gs.BASE_DIR, name), os.path.join(gs.BASE_DIR, gs.WORK_DIR, name)]
    candidates += [os.readlink(alias)] if os.path.islink(alias) else []
    for folder in map(os.path.normpath, candidates):  # not resolved: a link to another's job is what moves, not the job
        inside = folder.startswith(os.path.join(gs.BASE_DIR, gs.WORK_DIR, ""))
        if inside and any(os.path.exists(os.path.join(folder, marker)) for marker in _MARKERS):
            return folder
    raise RuntimeError(f"{name!r} is no job: give its directory (work/...), its id or its alias")
