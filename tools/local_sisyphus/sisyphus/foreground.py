"""`tk.run`: running jobs immediately, one task after another, without an engine."""

import subprocess

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus.failures import describe
from sisyphus.graph import ancestors
from sisyphus.job import Job
from sisyphus.job_directory import absolute, mark, set_up
from sisyphus.overview import missing_inputs


def run_all(paths) -> None:
    """Run every unfinished job that `paths` need.

    :raises RuntimeError: if an input is missing or a job fails
    """
    for job in ancestors(paths, stop_at=Job._sis_finished):
        if not job._sis_finished():
            run_job(job)


def run_job(job: Job) -> None:
    """Run the unfinished tasks of one job in worker processes and wait for them."""
    missing = missing_inputs(job)
    if missing:
        raise RuntimeError(f"{job} cannot run: {missing[0].get_path()} is missing")
    set_up(job)
    for task in job._sis_task_list():
        for task_id in task.task_ids():
            if not task.has("finished", task_id):
                call = [*gs.SIS_COMMAND, "worker", job._sis_path(), task.name(), str(task_id), "--redirect_output"]
                subprocess.run(call, cwd=gs.BASE_DIR, stdin=subprocess.DEVNULL)
            if not task.has("finished", task_id):
                raise RuntimeError("\n".join(describe(job, st.ERROR)))
    mark(absolute(job, "finished"))
