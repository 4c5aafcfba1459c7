"""Settings of the workflow manager for this machine; a cluster replaces `engine` (see README.md)."""

import glob
import os


def engine():
    """All cores, all memory and all GPUs of this machine."""
    from sisyphus.localengine import LocalEngine

    gpus = len(glob.glob("/dev/nvidia[0-9]*"))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    names = ",".join(map(str, range(gpus)))
    return LocalEngine(cpus=os.cpu_count() or 1, gpus=gpus, available_gpus=names, mem=memory_gb)


# One local disk: nothing needs to wait for a network file system.
WAIT_PERIOD_JOB_FS_SYNC = 0
WAIT_PERIOD_JOB_CLEANUP = 0
WAIT_PERIOD_BETWEEN_CHECKS = 1
WAIT_PERIOD_CACHE = 1
WAIT_PERIOD_MTIME_OF_INPUTS = 0
JOB_AUTO_CLEANUP = False
