"""Settings of the workflow manager: whether tasks run on this machine or under SLURM (docs/cluster.md)."""

import glob
import os
from importlib.util import find_spec

ENGINE = os.environ.get("SIS_ENGINE", "local")  # for a cluster, set "slurm" here or in the environment
CLUSTER = "cluster.toml"  # resources and sbatch options that differ from what the recipe asks for
if ENGINE != "local":
    from tools.cluster import check

    check(ENGINE, CLUSTER)  # not in engine(), which the real Sisyphus calls where errors are not shown


def engine():
    """The engine that runs tasks: this machine, or SLURM with mini tasks on this machine."""
    if ENGINE == "local":
        return _this_machine()
    from tools.cluster import slurm

    return slurm(CLUSTER)


def check_engine_limits(current_rqmt, task):
    """The resources to submit a task with: what the recipe asks for, as changed by CLUSTER."""
    if ENGINE == "local":
        return current_rqmt
    from tools.cluster import read_table

    return read_table(CLUSTER).request(current_rqmt, task)


def finished_job_remarks(job_dirs, shown_jobs=None):
    """Lines on results that other code made; the bundled engine prints them in `status`, `verify` and `manager`."""
    if find_spec("recipe") is None:
        return []  # a graph of other jobs, which keep no records
    from recipe.code_changes import remarks

    return remarks(job_dirs, shown_jobs)


def configs_to_load(configs):
    """The configs given, else those last started here; the bundled engine asks before it builds a graph."""
    if find_spec("recipe") is None:
        return configs
    from recipe.graph.made_from import recalled

    return recalled(configs)


def on_graph_start(configs):
    """Keep what the graph is made from; the bundled engine calls this before it starts jobs."""
    if find_spec("recipe") is not None:
        from recipe.graph.made_from import keep

        keep(configs)


def _this_machine():
    """Runs tasks on all cores, memory and GPUs of this machine."""
    from sisyphus.localengine import LocalEngine

    gpus = len(glob.glob("/dev/nvidia[0-9]*"))
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    names = ",".join(map(str, range(gpus)))
    return LocalEngine(cpus=os.cpu_count() or 1, gpus=gpus, available_gpus=names, mem=memory_gb)


# A local disk needs no waiting; on a network file system the manager's defaults apply.
if ENGINE == "local":
    WAIT_PERIOD_JOB_FS_SYNC = 0
    WAIT_PERIOD_JOB_CLEANUP = 0
    WAIT_PERIOD_BETWEEN_CHECKS = 1
    WAIT_PERIOD_CACHE = 1
    WAIT_PERIOD_MTIME_OF_INPUTS = 0
JOB_AUTO_CLEANUP = False
WARM_MODULES = ("torch", "h5py")  # imported once, for the tasks of jobs with `starts_warm` (bundled engine)
STALLED_TASK_LIMIT = 3600  # s after which a stopped, blocked or silent task is killed and starts again; 0: never
