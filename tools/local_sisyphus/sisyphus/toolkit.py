"""`tk`: what configs and recipes use besides Job and Task.

Every worker imports this module; what only managers need is imported inside the functions.
"""

import contextlib
import os
from typing import Any

from sisyphus import global_settings as gs
from sisyphus.block import block, set_root_block, sub_block
from sisyphus.delayed_ops import Delayed
from sisyphus.graph import graph as sis_graph
from sisyphus.job import Job
from sisyphus.job_directory import load_job
from sisyphus.job_path import AbstractPath, Path, Variable, zipped
from sisyphus.package_path import setup_path
from sisyphus.role import running_in_manager, running_in_worker
from sisyphus.shell import sh
from sisyphus.tools import extract_paths

__all__ = [
    "AbstractPath",
    "Delayed",
    "Job",
    "Path",
    "Variable",
    "block",
    "gs",
    "load_job",
    "running_in_manager",
    "running_in_worker",
    "set_root_block",
    "setup_path",
    "sh",
    "sis_graph",
    "sub_block",
    "zipped",
]

register_output = sis_graph.register_output
register_report = sis_graph.register_report
register_callback = sis_graph.register_callback
find_job = sis_graph.find_job
find_path = sis_graph.find_path


def is_path(value: Any) -> bool:
    return isinstance(value, AbstractPath)


def input_path(path) -> Path:
    """`path` itself if it is a path, otherwise a path without creator."""
    return path if is_path(path) else Path(path)


def uncached_path(path) -> str:
    return path.get_path() if is_path(path) else str(path)


@contextlib.contextmanager
def mktemp():
    """A temporary file name; the file or folder of that name is removed at the end."""
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix=gs.TMP_PREFIX)
    try:
        yield os.path.join(folder, "temporary")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def job_info(job: Job) -> None:
    """Print the arguments, inputs and outputs of a job."""
    import pprint

    print(job)
    pprint.pprint({"arguments": job._sis_kwargs, "inputs": sorted(job._sis_inputs), "outputs": job._sis_outputs})


def load_file(config: str) -> None:
    """Run a config."""
    from sisyphus.loader import load_configs

    load_configs([config])


def setup_job_directory(job: Job) -> None:
    """Create the directory of a job as the manager would."""
    job._sis_setup_directory(force=True)


def run_job(job: Job) -> None:
    """Run the tasks of one job immediately."""
    from sisyphus.foreground import run_job as run_now

    run_now(job)


def run(value: Any) -> None:
    """Compute everything that `value` needs, one task after another, without the engine and its limits.

    :raises RuntimeError: if a job cannot run or fails
    """
    from sisyphus.foreground import run_all

    run_all(extract_paths(value))


def import_work_directory(directories: str | list[str], mode: str = "dryrun", use_alias: bool = False) -> None:
    """Reuse finished jobs of other work directories; the default mode only prints them.

    :param mode: "dryrun", "symlink" or "copy"
    """
    from sisyphus.importing import import_jobs

    if use_alias:
        raise NotImplementedError("use_alias is not part of the bundled engine; jobs are found by their ids")
    import_jobs(sis_graph, [directories] if isinstance(directories, str) else directories, mode)


def _only_in_the_real_one(name: str):
    def missing(*args, **kwargs):
        raise NotImplementedError(f"tk.{name} is not part of the bundled engine; install Sisyphus to use it")

    return missing


async_run = _only_in_the_real_one("async_run")
async_gather = _only_in_the_real_one("async_gather")
dump = _only_in_the_real_one("dump")
cleaner = _only_in_the_real_one("cleaner")
remove_job_and_descendants = _only_in_the_real_one("remove_job_and_descendants")
