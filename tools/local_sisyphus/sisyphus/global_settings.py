"""Settings: the defaults below, overridden by settings.py of the base directory and by SIS_* variables.

See contract.md, "Settings". Unknown names (of clusters, of shared recipes) are kept as they are. The waits for network
file systems default to zero: this engine runs everything on one machine.
"""

import os
import sys

from sisyphus.hash import short_hash

BASE_DIR = os.path.abspath(os.getcwd())
WORK_DIR = "work"
OUTPUT_DIR = "output"
ALIAS_DIR = "alias"
FINISHED_LOG = "log/finished.log"
ALIAS_AND_OUTPUT_SUBDIR = ""
IMPORT_PATHS = ["config", "recipe", "recipe/"]

WAIT_PERIOD_JOB_FS_SYNC = 0
WAIT_PERIOD_JOB_CLEANUP = 0
WAIT_PERIOD_BETWEEN_CHECKS = 1  # s between checks of what no process reports: external files, `hold`, removed markers
WAIT_PERIOD_MTIME_OF_INPUTS = 0
WAIT_PERIOD_FOR_INPUTS_AVAILABLE = 0
TASK_INPUTS_MUST_BE_AVAILABLE = True
WARM_MODULES = ()  # imported once by a process that forks the tasks of jobs with `starts_warm`; none: no such process
IS_FORKED = False  # true in such a task, which may fork in its turn: WARM_MODULES are imported
WARM_PATIENCE = 0  # s that a task waits for that process; by default those before it is ready start as all others do
MAX_SUBMIT_RETRIES = 3
MINIMUM_FREE_DISK_MB = 50  # with less free in the work directory no job starts
SILENT_TASK_NOTICE = 600  # s without CPU time and output after which a running task is called silent
STALLED_TASK_LIMIT = 3600  # s after which a stopped, blocked or silent task is killed, as an interruption; 0: never
STOP_GRACE_PERIOD = 5  # s between SIGTERM and SIGKILL when tasks are stopped

JOB_AUTO_CLEANUP = False  # pack each job when it has finished
JOB_CLEANUP_KEEP_WORK = False
JOB_CLEANUP_KEEP_INPUT = True
RAISE_VARIABLE_NOT_SET_EXCEPTION = True
TMP_PREFIX = "/tmp/sis_"
PRINT_ERROR_LINES = 40
SUMMARY_PERIOD = 30  # s between summary lines if the output is no terminal

PLOGGING_INTERVAL = 5
PLOGGING_UPDATE_FILE_PERIOD = 60
PLOGGING_MIN_CHANGE = 0.1

CLEANUP_ENVIRONMENT = True
DEFAULT_ENVIRONMENT_KEEP = {
    "CUDA_VISIBLE_DEVICES",
    "HOME",
    "PWD",
    "TMP",
    "TMPDIR",
    "USER",
    "SGE_STDERR_PATH",
    "SGE_TASK_ID",
}
DEFAULT_ENVIRONMENT_SET = {
    "LANG": "en_US.UTF-8",
    "MKL_NUM_THREADS": 1,
    "OMP_NUM_THREADS": 1,
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "SHELL": "/bin/bash",
}

SIS_HASH = short_hash  # makes the digest in a job's id
SIS_COMMAND = [sys.executable, "-m", "sisyphus"]  # or the script that was started


# Settings of the real engine that have only one value here. They decide ids and directories, or catch mistakes:
# another value is refused, never ignored (settings_file.py).
FIXED_SETTINGS = {
    "JOB_OUTPUT": "output",
    "JOB_WORK_DIR": "work",
    "CONFIG_PREFIX": "config",
    "RECIPE_PREFIX": "recipe",
    "JOB_USE_TAGS_IN_PATH": False,
    "INCLUDE_CREATOR_STATE": False,
    "DELAYED_CHECK_FOR_WORKER": False,
    "AUTO_SET_JOB_INIT_ATTRIBUTES": False,
    "LEGACY_PATH_CONVERSION": False,
    "LEGACY_VARIABLE_CONVERSION": False,
    "TEAM_SHARE_DIR": None,
}
globals().update(FIXED_SETTINGS)


def worker_wrapper(job, task_name, call):
    """The command that starts a worker; override to run it in a container."""
    return call


def check_engine_limits(current_rqmt, task):
    """Override to cap requirements."""
    return current_rqmt


def update_engine_rqmt(last_rqmt, last_usage):
    """Time and memory of a resubmission: each doubled if the last attempt nearly used it up."""
    updated = dict(last_rqmt)
    asked = last_usage.get("requested_resources", last_rqmt)
    if asked.get("time", last_rqmt["time"]) - last_usage.get("used_time", 0) < 0.1:
        updated["time"] = last_rqmt["time"] * 2
    peak_gb = last_usage.get("max", {}).get("rss", 0)
    if last_usage.get("out_of_memory") or asked.get("mem", last_rqmt["mem"]) - peak_gb < 0.25:
        updated["mem"] = last_rqmt["mem"] * 2
    return updated


def file_caching(path, *args, **kwargs):
    """Override to copy cached paths to a local disk and return the copy's path."""
    return path


def finished_job_remarks(job_dirs, shown_jobs=None):
    """Override to say something about results, such as which of them old code made.

    :param job_dirs: directories of finished jobs, relative to BASE_DIR
    :param shown_jobs: how many jobs to name for each remark; None: all, 0: none, before a run
    :return: lines that `status`, `verify` and `manager` print
    """
    return ()


def configs_to_load(configs):
    """Override to choose configs where none is given, or to prepare the environment that they read.

    :param configs: of the command line, possibly none
    :return: those that manager and status build the graph from
    """
    return configs


def on_graph_start(configs):
    """Hook, called when a manager has built the graph of these configs, before it starts jobs."""


def on_job_failure(job):
    """Hook, called when a job has failed."""


def on_job_finished(job):
    """Hook, called when a job has finished."""
