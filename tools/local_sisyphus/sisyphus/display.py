"""What the person at the terminal sees: one line per change of a job's state, and what runs now."""

import sys
import time

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus.failures import describe


class PlainDisplay:
    """Lines only, for logs and pipes: every change, and a summary at most every SUMMARY_PERIOD seconds."""

    period_s = 30.0

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self._summary_s = time.monotonic()
        self.reasons: dict = {}

    def line(self, text: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {text}", file=self.stream, flush=True)

    def state_changed(self, job, before, state: str, wall_time_s: float | None) -> None:
        if state == st.FINISHED:
            took = f" in {duration(wall_time_s)}" if wall_time_s is not None else ""
            self.line(f"finished{took}: {job}")
        elif state == st.RUNNING:
            self.line(f"started: {job}")
        elif state in st.FAILED:
            first, *rest = describe(job, state)
            self.line(f"FAILED: {first}")
            for text in rest:
                print(text, file=self.stream, flush=True)

    def output_ready(self, link: str) -> None:
        self.line(f"output: {link}")

    def update(self, scheduler) -> None:
        if time.monotonic() - self._summary_s >= gs.SUMMARY_PERIOD:
            self._summary_s = time.monotonic()
            self.line(summary(scheduler))

    def close(self) -> None:
        pass


def summary(scheduler) -> str:
    """`12/40 jobs done, 2 running, 26 waiting`."""
    counts = {}
    for state in scheduler.states.values():
        counts[state] = counts.get(state, 0) + 1
    done = counts.pop(st.FINISHED, 0)
    parts = [f"{number} {state}" for state, number in sorted(counts.items())]
    return ", ".join([f"{done}/{len(scheduler.states)} jobs done", *parts])


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3:05 min`, `2:10:00 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d} h"
