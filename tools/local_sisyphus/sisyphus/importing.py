"""`tk.import_work_directory`: reusing jobs that finished in another work directory."""

import os
import shutil

from sisyphus.graph import Graph
from sisyphus.job_directory import absolute


def import_jobs(graph: Graph, directories: list[str], mode: str) -> None:
    """Link or copy finished jobs that the targets still need, but not their ancestors.

    :raises ValueError: for another mode than "dryrun", "symlink" and "copy"
    """
    if mode not in ("dryrun", "symlink", "copy"):
        raise ValueError(f"mode is {mode!r}; give 'dryrun', 'symlink' or 'copy'")
    wanted = {path.creator for path in graph.target_paths()}
    for job in reversed(graph.unfinished_jobs()):  # users before creators
        if job not in wanted or job._sis_finished():
            continue
        source = None if os.path.lexists(absolute(job)) else _find(job, directories)
        if source is None:
            wanted |= {path.creator for path in job._sis_inputs}
        else:
            print(f"{mode}: {job} from {source}")
            _take(source, absolute(job), mode)


def _find(job, directories: list[str]) -> str | None:
    for directory in directories:
        folder = os.path.join(os.path.realpath(directory), job.job_id())
        if any(os.path.exists(os.path.join(folder, marker)) for marker in ("finished", "finished.tar.gz")):
            return folder
    return None


def _take(source: str, folder: str, mode: str) -> None:
    if mode == "dryrun":
        return
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    if mode == "symlink":
        os.symlink(source, folder)
        return
    shutil.copytree(source, f"{folder}.part", symlinks=True)
    os.rename(f"{folder}.part", folder)
