def engine():
    from sisyphus.localengine import LocalEngine

    return LocalEngine(cpus=2, mem=8)


WAIT_PERIOD_JOB_FS_SYNC = 0
WAIT_PERIOD_JOB_CLEANUP = 0
WAIT_PERIOD_BETWEEN_CHECKS = 1
WAIT_PERIOD_CACHE = 1
WAIT_PERIOD_MTIME_OF_INPUTS = 0
JOB_AUTO_CLEANUP = False
STOP_GRACE_PERIOD = 2
VERBOSE_TRACEBACK_TYPE = "better_exchook"
