"""What keeps a manager from using its folders, as one sentence: what, where, and how to mend it."""

import errno
import os
import stat

from sisyphus import global_settings as gs

LASTING = {errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO}  # every other job would meet them as well
_NO_PROCESS = {errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE}


class FolderTrouble(RuntimeError):
    """A folder of the manager cannot be used; the message is the sentence."""


def check_folders() -> None:
    """Create the folders of the manager where they are missing, and see whether it can write there.

    :raises FolderTrouble: for the first one where it cannot
    """
    for name in dict.fromkeys((gs.WORK_DIR, gs.ALIAS_DIR, gs.OUTPUT_DIR)):
        path = os.path.join(gs.BASE_DIR, name)
        try:
            os.makedirs(path, exist_ok=True)
            if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
                read_only = os.statvfs(path).f_flag & os.ST_RDONLY
                number = errno.EROFS if read_only else errno.EACCES
                raise OSError(number, os.strerror(number), path)
        except OSError as error:
            raise FolderTrouble(sentence(error)) from error


def check_readable() -> None:
    """For commands that only look. :raises FolderTrouble: if the work directory exists and cannot be read"""
    path = os.path.join(gs.BASE_DIR, gs.WORK_DIR)
    try:
        with os.scandir(path):
            pass
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FolderTrouble(sentence(error)) from error


def sentence(error: OSError) -> str:
    """An error of the system in one sentence, with its path and the mend."""
    path = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else gs.WORK_DIR
    place = os.path.relpath(path, gs.BASE_DIR) if path.startswith(gs.BASE_DIR + os.sep) else path
    number = error.errno
    if number == errno.EROFS:
        return (
            f"{place} cannot be written, because its file system is mounted read-only; mount it writable (after a disk "
            "error the system makes it read-only itself: see `dmesg`)"
        )
    if number in (errno.EACCES, errno.EPERM):
        return f"{place} may not be used by this user (number {os.geteuid()}){_owner(path)}; change that with `chown`"
    if number in (errno.EEXIST, errno.ENOTDIR):
        return f"{_file_in_the_way(path, place)} is a file where a folder is needed; move it away"
    if number == errno.EISDIR:
        return f"{place} is a folder where a file is needed; remove it"
    if number == errno.ELOOP:
        return f"{place} is a link that leads back to itself; remove it"
    if number == errno.ENOSPC:
        what = "number of files (inodes)" if _without_inodes(path) else "space"
        return f"{place} cannot be written, because its file system has no {what} left; delete what is not needed there"
    if number == errno.EDQUOT:
        return f"{place} cannot be written, because the quota of this user is used up; delete what is not needed there"
    if number == errno.EIO:
        return f"{place} cannot be read or written, because its disk reports errors; see `dmesg`, and copy what matters"
    if number in _NO_PROCESS:
        return (
            f"{error.strerror}: the system gives no further process, file or memory; see `ulimit -a`, then start again"
        )
    return f"{place}: {error.strerror or error}; `--log_level 10` shows where that happened"


def _owner(path: str) -> str:
    try:
        status = os.stat(path)
    except OSError:
        return ""
    return f", it belongs to number {status.st_uid} with mode {stat.S_IMODE(status.st_mode):o}"


def _file_in_the_way(path: str, place: str) -> str:
    """The part of a path that is no folder."""
    while os.path.dirname(place) and not os.path.lexists(path):
        path, place = os.path.dirname(path), os.path.dirname(place)
    return place


def _without_inodes(path: str) -> bool:
    while path and not os.path.exists(path):
        path = os.path.dirname(path)
    try:
        disk = os.statvfs(path or gs.BASE_DIR)
    except OSError:
        return False
    return bool(disk.f_files) and not disk.f_favail
