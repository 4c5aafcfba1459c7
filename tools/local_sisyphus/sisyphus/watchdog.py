"""Telling which running tasks do nothing, and ending those that have done so for too long."""

import contextlib
import os

from sisyphus import global_settings as gs
from sisyphus.identity import task_of
from sisyphus.stalls import Stall

Key = tuple[str, str, int]


class Watchdog:
    """Follows the stalls that the engine sees.

    :param display: told when a task begins to stall, goes on, or is killed after STALLED_TASK_LIMIT seconds
    """

    def __init__(self, engine, display):
        self.engine = engine
        self.display = display
        self.stalls: dict[Key, Stall] = {}
        self._killed: dict[Key, str] = {}  # why; until the task has ended, which a dead disk can delay for ever

    def look(self) -> None:
        """Compare the stalls of now with those of the last call; a task over the limit is killed."""
        before, self.stalls = self.stalls, self.engine.stalled()
        for key, stall in self.stalls.items():
            if key not in before or before[key].kind != stall.kind:
                self.display.note(f"STALLED: {stall}; {_place(key)}")
            if stall != before.get(key):
                note(key, str(stall))
            if gs.STALLED_TASK_LIMIT and stall.seconds >= gs.STALLED_TASK_LIMIT and key not in self._killed:
                self._killed[key] = f"killed by the manager: {str(stall).partition(':')[0]}"
                self.display.note(f"killed after STALLED_TASK_LIMIT ({gs.STALLED_TASK_LIMIT:g} s): {_place(key)}")
                self.engine.kill(key)
        for key in before.keys() - self.stalls.keys():
            note(key, None)
            if key in self.engine.pending():
                self.display.note(f"goes on: {_place(key)}")

    def cause_of_end(self, key: Key) -> str:
        """Why a task ended without a marker."""
        return self._killed.pop(key, "the processes of the task were killed")


def _place(key: Key) -> str:
    task = task_of(key)
    return f"{task.job if task else key[0]}, task {key[1]} {key[2]}"


def note(key: Key, text: str | None) -> None:
    """Keep what stalls a task beside its log, in `stalled.TASK.ID`, for `sis status`; None: nothing does."""
    task = task_of(key)
    if task is None:
        return
    path = task.path("stalled", key[2])
    with contextlib.suppress(OSError):
        if text is None:
            os.remove(path)
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
