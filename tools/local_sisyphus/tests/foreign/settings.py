def engine():
    from sisyphus.localengine import LocalEngine

    return LocalEngine(cpus=2, mem=64)


def check_engine_limits(current_rqmt, task):
    """The wishes of jobs for large machines do not matter for a few lines of text."""
    return {**current_rqmt, "cpu": 1, "mem": 1}


WAIT_PERIOD_JOB_FS_SYNC = 0
WAIT_PERIOD_JOB_CLEANUP = 0
WAIT_PERIOD_BETWEEN_CHECKS = 1
WAIT_PERIOD_CACHE = 1
WAIT_PERIOD_MTIME_OF_INPUTS = 0
JOB_AUTO_CLEANUP = False
VERBOSE_TRACEBACK_TYPE = "better_exchook"
