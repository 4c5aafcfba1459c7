"""Reading the end of a task's log."""

import os
import re

_DIED = re.compile(r"^the worker died with status (\d+)$")
_KILLED = (128 + 9, 128 + 15)  # a shell's exit statuses for SIGKILL and SIGTERM


def log_tail(path: str, lines: int) -> list[str]:
    """The last lines of a log, out of its last 64 kB."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 65536))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return text.rstrip().splitlines()[-lines:]


def death_status(last_line: str) -> int | None:
    """The worker's exit status if the supervising shell has logged that it died."""
    match = _DIED.match(last_line)
    return int(match[1]) if match else None


def was_killed(log: str) -> bool:
    """Whether the worker was killed by a signal instead of failing."""
    return death_status(next(iter(log_tail(log, 1)), "")) in _KILLED
