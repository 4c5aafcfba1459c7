"""The worker: runs one task id of one job in its own process (contract.md, "Workers")."""

import contextlib
import fcntl
import logging
import os
import string
import time
import traceback

from sisyphus import global_settings as gs
from sisyphus.job_directory import absolute, load_job, mark, missing_outputs
from sisyphus.loader import install_finder
from sisyphus.manifest import write_manifest
from sisyphus.role import set_role
from sisyphus.usage import UsageReporter


def run(options) -> int:
    """Run the task that the command line names; the exit status of the process."""
    set_role("worker")
    install_finder()
    task_id = options.task_id
    if task_id is None:  # a scheduler that numbers its tasks itself
        task_id = gs.engine().get_used_engine(options.engine).get_task_id(None)
    if options.redirect_output:
        return _run_supervised(options, task_id)
    job = load_job(options.job_directory)
    task = next((task for task in job._sis_task_list() if task.name() == options.task_name), None)
    if task is None:
        raise SystemExit(f"{job.job_id()} has no task {options.task_name!r}")
    reporter = UsageReporter(task.path("usage", task_id), task.rqmt())
    reporter.start()
    try:
        return _run_task(job, task, task_id, reporter)
    finally:
        reporter.stop()


def _run_supervised(options, task_id: int) -> int:
    """Run this command again with its output in the log, as the local engine does."""
    import subprocess

    from sisyphus.localengine import open_log, supervised

    folder, suffix = os.path.join(gs.BASE_DIR, options.job_directory), f"{options.task_name}.{task_id}"
    call = [*gs.SIS_COMMAND, "worker", options.job_directory, options.task_name, str(task_id)]
    log_path = os.path.join(folder, f"log.{suffix}")
    with open_log(log_path) as log:
        command = supervised(call, log_path, os.path.join(folder, f"error.{suffix}"))
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode


def _run_task(job, task, task_id: int, reporter: UsageReporter) -> int:
    _say(f"{time.ctime()} start {job.job_id()} task {task.name()} {task_id}")
    try:
        _prepare(job)
        task.run(task_id)
        if not task.continuable:
            _finish(task, task_id)
    except (SystemExit, KeyboardInterrupt) as stop:
        _say(f"interrupted by {stop!r}")
        return 0
    except Exception as error:
        with contextlib.suppress(OSError):  # of a full disk: still write the marker
            print(error) if isinstance(error, MissingOutputs) else traceback.print_exc()
        if _was_killed(error):
            _say("a command was killed (137): counted as out of memory")
            reporter.out_of_memory = True
            return 0
        mark(task.path("error", task_id))
        return 1
    return 0


class MissingOutputs(Exception):
    """The job's methods returned, but a declared output does not exist."""


def _finish(task, task_id: int) -> None:
    """Mark the id as finished; the last one of a job first checks the outputs and writes the manifest.

    Of several ids that end together, the lock lets exactly one be the last.

    :raises MissingOutputs: if a declared output does not exist
    """
    job = task.job
    with open(absolute(job, "job.save"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ids = [(other, i) for other in job._sis_task_list() for i in other.task_ids() if (other, i) != (task, task_id)]
        if all(other.has("finished", i) for other, i in ids):
            missing = missing_outputs(job)
            if missing:
                raise MissingOutputs(f"the job ended without writing its outputs {', '.join(missing)}")
            write_manifest(absolute(job))
        print(f"{time.ctime()} finished", flush=True)  # before the marker: failing to write the log is an error
        mark(task.path("finished", task_id))


def _say(text: str) -> None:
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _was_killed(error: Exception) -> bool:
    import subprocess

    return isinstance(error, subprocess.CalledProcessError) and error.returncode == 137


def _prepare(job) -> None:
    """Wait for the inputs, clean the environment and enter the job's work folder."""
    for path in sorted(job._sis_inputs):
        _wait_for(path)
    work = absolute(job, "work")
    _set_environment(job)
    os.chdir(work)


def _wait_for(path) -> None:
    """Wait for the input as long as the settings for network file systems allow."""
    deadline = time.monotonic() + gs.WAIT_PERIOD_FOR_INPUTS_AVAILABLE
    while gs.TASK_INPUTS_MUST_BE_AVAILABLE and not path.available():
        if time.monotonic() >= deadline:
            raise FileNotFoundError(f"input is missing: {path.get_path()}")
        time.sleep(1)
    if gs.WAIT_PERIOD_MTIME_OF_INPUTS and os.path.exists(path.get_path()):
        age_s = max(0.0, time.time() - os.path.getmtime(path.get_path()))  # not below 0 where a clock was set back
        time.sleep(max(0.0, gs.WAIT_PERIOD_MTIME_OF_INPUTS - age_s))


def _set_environment(job) -> None:
    original = dict(os.environ)
    if gs.CLEANUP_ENVIRONMENT:
        os.environ.clear()
        os.environ.update({name: original[name] for name in gs.DEFAULT_ENVIRONMENT_KEEP if name in original})
        for name, value in gs.DEFAULT_ENVIRONMENT_SET.items():
            os.environ[name] = string.Template(str(value)).safe_substitute(original)
    for name, (value, verbatim) in job._sis_environment.items():
        os.environ[name] = str(value) if verbatim else string.Template(str(value)).safe_substitute(original)
    logging.debug("environment: %s", dict(os.environ))
