"""The manager's output: one line per change of a job's state, and a summary of what runs."""

import contextlib
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus.failures import describe, interruption
from sisyphus.outlook import Outlook, obstacles, rough
from sisyphus.progress import read_progress

_MOST_SHOWN = 12  # running jobs in the live block, new outputs at the end


class PlainDisplay:
    """Lines only, for logs and pipes: every change, and a summary at growing intervals if nothing changes.

    The first summary comes after SUMMARY_PERIOD seconds; each interval is twice the last, up to 20 periods.
    """

    period_s = 30.0

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self.outputs: list[str] = []
        self.failures: dict = {}  # job -> the reason, one sentence
        self.outlook = Outlook()
        self._start_s = self._summary_s = time.monotonic()
        self._quiet_s = gs.SUMMARY_PERIOD

    def state_changed(self, job, state: str, wall_time_s: float | None, refusal: str | None) -> None:
        """Report a job that started, finished, failed, was interrupted, is held or lacks an input."""
        self.failures.pop(job, None)
        self._quiet_s = gs.SUMMARY_PERIOD
        if state == st.FINISHED:
            self.outlook.job_finished(job)
            took = "" if wall_time_s is None else f" in {duration(wall_time_s)}"
            self.note(f"finished{took}: {job}")
        elif state in st.FAILED:
            first, *rest = describe(job, state, refusal)
            self.failures[job] = first
            self.note("\n".join([f"FAILED: {first}", *rest]))
        elif state == st.INPUT_MISSING:
            missing = next(p.get_path() for p in sorted(job._sis_inputs) if p.creator is None and not p.available())
            self.failures[job] = f"{missing} does not exist and no job creates it"
            self.note(f"input missing: {self.failures[job]}; needed by {job}")
        elif state == st.RESUMABLE:
            self.note(f"{interruption(job)}, submitting again: {job}")
        else:
            words = {st.RUNNING: "started", st.HOLD: "held"}
            self.note(f"{words.get(state, state)}: {job}")

    def output_ready(self, link: str) -> None:
        self.outputs.append(link)
        self.note(f"output: {link}")

    def note(self, text: str) -> None:
        """Print one or more lines, the first with the time."""
        self._print(f"{time.strftime('%H:%M:%S')} {text}")

    def _print(self, text: str) -> None:
        try:
            print(text, file=self.stream, flush=True)
        except BrokenPipeError:  # the reader is gone; the jobs continue
            self.stream = open(os.devnull, "w", encoding="utf-8")

    def aside(self) -> contextlib.AbstractContextManager:
        """While others print lines of their own."""
        return contextlib.nullcontext()

    def update(self, scheduler) -> None:
        """Called after every event and at least every `period_s`."""
        if time.monotonic() - self._summary_s >= self._quiet_s:
            self._summary_s = time.monotonic()
            self._quiet_s = min(2 * self._quiet_s, 20 * gs.SUMMARY_PERIOD)
            self.note("\n".join(self._picture(scheduler)))

    def _picture(self, scheduler) -> list[str]:
        """Counts and time left, a line per running job, and what keeps the others from running."""
        head = ", ".join(filter(None, [summary(scheduler), self.outlook.total(scheduler)]))
        lines = [*running_jobs(scheduler, self.outlook), *obstacles(scheduler)]
        return [head, *(f"  {line}" for line in lines)]

    def close(self, scheduler) -> None:
        """Report the end: new outputs, failures, counts and the total time."""
        if self.outputs:
            more = len(self.outputs) - _MOST_SHOWN
            lines = ["new outputs:", *(f"  {link}" for link in self.outputs[:_MOST_SHOWN])]
            self._print("\n".join(lines + ([f"  and {more} more: {gs.FINISHED_LOG}"] if more > 0 else [])))
        if self.failures:
            lines = [f"  {sentence}  [{job}]" for job, sentence in self.failures.items()]
            advice = "failed; fix the cause, then start with -ro to resume, or with -co to start over:"
            self._print("\n".join([advice, *lines]))
        self.note(f"{summary(scheduler)}; total time {duration(time.monotonic() - self._start_s)}")


class LiveDisplay(PlainDisplay):
    """The same lines, with a block below that is redrawn: counts, and a line per running job."""

    period_s = 0.5

    def __init__(self, stream=None):
        super().__init__(stream)
        self._block: list[str] = []
        self._drawn_s = 0.0

    def note(self, text: str) -> None:
        self._erase()
        super().note(text)
        self._draw()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        self._erase()
        self.stream.flush()
        yield
        self._draw()

    def update(self, scheduler) -> None:
        if time.monotonic() - self._drawn_s < 0.1:  # at most ten redraws per second
            return
        self._drawn_s = time.monotonic()
        width = shutil.get_terminal_size().columns
        head, *rest = self._picture(scheduler)
        picture = [f"{head}; running for {duration(time.monotonic() - self._start_s)}", *rest]
        self._erase()
        self._block = [line[: width - 1] for line in picture]
        self._draw()

    def close(self, scheduler) -> None:
        self._erase()
        self._block = []
        super().close(scheduler)

    def _draw(self) -> None:
        if self._block:
            self._print("\n".join(self._block))

    def _erase(self) -> None:
        if self._block:
            self.stream.write(f"\x1b[{len(self._block)}F\x1b[J")  # to the block's first line, then clear what follows


def display_for(stream) -> PlainDisplay:
    """A live display on a terminal that can redraw, lines otherwise."""
    return (LiveDisplay if stream.isatty() and os.environ.get("TERM") != "dumb" else PlainDisplay)(stream)


def summary(scheduler) -> str:
    """`12/40 jobs done, 2 running, 26 waiting`."""
    counts = Counter(state for state in scheduler.states.values() if state != st.FINISHED)
    done, total = scheduler.progress()
    return ", ".join([f"{done}/{total} jobs done", *(f"{number} {state}" for state, number in sorted(counts.items()))])


def running_jobs(scheduler, outlook: Outlook) -> list[str]:
    """A line per running job: percentage and text of its `progress` file, name, elapsed and remaining time."""
    lines = []
    running = [job for job, state in scheduler.states.items() if state == st.RUNNING]
    for job in running[:_MOST_SHOWN]:
        progress, elapsed_s = read_progress(job), scheduler.wall_time_s(job)
        left_s = outlook.job_left_s(job, elapsed_s, progress)
        times = duration(elapsed_s) + ("" if left_s is None else f", about {rough(left_s)} left")
        done = f"{progress.fraction:4.0%} {progress.text} " if progress else ""
        stalls = [
            str(stall).partition(":")[0] for key, stall in scheduler.watchdog.stalls.items() if key[0] == job.job_id()
        ]
        words = [job.get_one_alias() or job.job_id(), job.info(), times, *(f"STALLED: {text}" for text in stalls)]
        lines.append(f"{done}{'  '.join(filter(None, words))}")
    return lines + ([f"and {len(running) - _MOST_SHOWN} more"] if len(running) > _MOST_SHOWN else [])


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3:05 min`, `2:10:00 h`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d} h"
