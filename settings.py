"""Settings of the workflow manager: tasks run on this machine, or under SLURM (docs/cluster.md)."""

import glob
import os

ENGINE = os.environ.get("SIS_ENGINE", "local")  # the one setting for a cluster: "slurm" here or in the environment
CLUSTER = "cluster.toml"  # what this cluster wants, where it differs from what the recipe asks for
if ENGINE != "local":
    from tools.cluster import check

    check(ENGINE, CLUSTER)  # here, since the real Sisyphus asks for its engine where an error is not seen


def engine():
    """What runs the tasks: this machine, or SLURM with the mini tasks on this machine."""
    if ENGINE == "local":
        return _this_machine()
    from tools.cluster import slurm

    return slurm(CLUSTER)


def check_engine_limits(current_rqmt, task):
    """What is asked for a task when it is submitted: its wish, as CLUSTER changes it."""
    if ENGINE == "local":
        return current_rqmt
    from tools.cluster import read_table

    return read_table(CLUSTER).request(current_rqmt, task)


def _this_machine():
    """All its cores, memory and GPUs."""
    from sisyphus.localengine import LocalEngine

    gpus = len(glob.glob("/dev/nvidia[0-9]*"))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    names = ",".join(map(str, range(gpus)))
    return LocalEngine(cpus=os.cpu_count() or 1, gpus=gpus, available_gpus=names, mem=memory_gb)


# Nothing needs to wait for a local disk; for a network file system the manager's own defaults hold.
if ENGINE == "local":
    WAIT_PERIOD_JOB_FS_SYNC = 0
    WAIT_PERIOD_JOB_CLEANUP = 0
    WAIT_PERIOD_BETWEEN_CHECKS = 1
    WAIT_PERIOD_CACHE = 1
    WAIT_PERIOD_MTIME_OF_INPUTS = 0
JOB_AUTO_CLEANUP = False
