"""Kills its whole process group at a chosen rename: on PYTHONPATH, it does so in every Python that a job starts.

KILL_AT is "before 3 PATTERN" or "after 1 PATTERN": the third rename onto a name that PATTERN matches. Killed before,
the file that was to be renamed is cut in half first, as if the machine had gone down with it. Renames are counted in
the file KILL_COUNT, over all processes of the group.
"""

import os
import re
import signal


def install() -> None:
    if "KILL_AT" in os.environ:
        side, number, pattern = os.environ["KILL_AT"].split(" ", 2)
        for name in ("replace", "rename"):
            setattr(os, name, _counted(getattr(os, name), side, int(number), re.compile(pattern)))


def _counted(function, side: str, number: int, pattern: re.Pattern):
    def renamed(source, target, **options):
        due = pattern.fullmatch(os.path.basename(os.fspath(target))) and _count() == number
        if due and side == "before":
            if os.path.isfile(source):
                os.truncate(source, os.path.getsize(source) // 2)
            _kill()
        function(source, target, **options)
        if due:
            _kill()

    return renamed


def _count() -> int:
    """One more rename; how many there were."""
    file = os.open(os.environ["KILL_COUNT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b"x")
    size = os.fstat(file).st_size
    os.close(file)
    return size


def _kill() -> None:
    open(os.environ["KILL_COUNT"] + ".killed", "w").close()
    os.killpg(0, signal.SIGKILL)


install()
