"""Files from outside the recipe: opened only if they are regular files, so that no fifo, device or link can hang a job.

`given_text.py` reads texts through this, `given_audio.py` checks recordings with it.
"""

import errno
import os
import stat
from typing import BinaryIO

from recipe.errors import InputError

_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a fifo",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_FAILURES = {
    errno.ENOENT: "is not there; put the file there, or take out what names it",
    errno.ENOTDIR: "is not there: a folder in its path is a file; mend the path",
    errno.ELOOP: "is a symbolic link that leads back to itself; put the file there",
    errno.EACCES: "may not be read by you; change its permissions, as with chmod +r",
    errno.ENAMETOOLONG: "has too long a name; shorten it",
}


def require_regular(path: str | os.PathLike) -> None:
    """See that a path leads to a regular file, through links or not. Nothing is opened.

    :raises InputError: when it leads to anything else, or nowhere
    """
    try:
        _require_regular(os.stat(path), path)
    except (OSError, ValueError) as error:
        raise _explained(error, path) from None


def open_regular(path: str | os.PathLike) -> BinaryIO:
    """Open a regular file to read bytes. It cannot block, even if something else takes its place meanwhile.

    :raises InputError: when it is anything else, or cannot be opened
    """
    require_regular(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _explained(error, path) from None
    try:
        _require_regular(os.fstat(descriptor), path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _require_regular(status: os.stat_result, path: str | os.PathLike) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise InputError(f"{os.fspath(path)} is {kind} where a file belongs; put the file itself there")


def _explained(error: OSError | ValueError, path: str | os.PathLike) -> InputError:
    if isinstance(error, InputError):
        return error
    if isinstance(error, OSError):
        return InputError(f"{path} {_FAILURES.get(error.errno or 0, f'cannot be read ({error.strerror})')}")
    return InputError(f"{str(path)!r} is no path ({error}); mend the name")
