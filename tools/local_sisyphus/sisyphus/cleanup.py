"""Packing finished jobs (JOB_AUTO_CLEANUP): files no longer needed become one archive (contract.md, "Clean-up")."""

import os
import shutil
import tarfile

from sisyphus import global_settings as gs

_ARCHIVE = "finished.tar.gz"


def pack(job_folder: str) -> None:
    """Delete `work`, put logs, markers and the saved job into finished.tar.gz; `output`, `info` and `input` stay.

    The archive is created by a rename and is the new finished marker; nothing is removed before. Linked directories
    belong to another work directory and are not changed.
    """
    if os.path.islink(job_folder) or not os.path.exists(os.path.join(job_folder, "finished")):
        return
    archive, kept = os.path.join(job_folder, _ARCHIVE), {"output", "info", _ARCHIVE}
    kept |= {"input"} if gs.JOB_CLEANUP_KEEP_INPUT else set()
    kept |= {"work"} if gs.JOB_CLEANUP_KEEP_WORK else set()
    unneeded = [name for name in os.listdir(job_folder) if name not in kept]
    if not os.path.exists(archive):
        with tarfile.open(f"{archive}.part", "w:gz") as file:
            for name in sorted(set(unneeded) - {"work", "input"}):
                file.add(os.path.join(job_folder, name), name)
        os.replace(f"{archive}.part", archive)
    for name in unneeded:
        path = os.path.join(job_folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.remove(path)
