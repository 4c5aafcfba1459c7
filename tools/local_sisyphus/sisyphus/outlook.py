"""The remaining time, and what keeps jobs from running."""

import time
from collections import Counter

from sisyphus import state as st
from sisyphus.durations import Cost, Durations, kind_of
from sisyphus.progress import read_progress

_PERIOD_S = 5.0  # between two computations of the total


class Outlook:
    """Remaining time of running jobs and in total, from progress files and finished jobs of the same kind."""

    def __init__(self):
        self._durations = Durations()
        self._first_seen: dict = {}  # running job -> (time, fraction) when its progress was first read
        self._total = ""
        self._computed_s = float("-inf")

    def job_finished(self, job) -> None:
        self._durations.add(job)
        self._first_seen.pop(job, None)

    def job_left_s(self, job, elapsed_s: float, progress=None) -> float | None:
        """Seconds until a running job ends: from its own progress if it reports any, else from others of its kind."""
        if progress is not None:
            now_s = time.monotonic()
            first_s, first = self._first_seen.setdefault(job, (now_s, progress.fraction))
            if progress.fraction > first:
                return (now_s - first_s) * (1 - progress.fraction) / (progress.fraction - first)
            if progress.fraction < first:  # the next stage of the job starts at zero again
                self._first_seen[job] = (now_s, progress.fraction)
        cost = self._durations.of(job)
        return None if cost is None else max(0.0, cost.duration_s - elapsed_s)

    def total(self, scheduler) -> str:
        """`about 12 min left`, or `over 12 min left` if a job of some kind has never finished here; may be empty."""
        if time.monotonic() - self._computed_s > _PERIOD_S:
            seconds, unknown = self._total_s(scheduler)
            self._computed_s = time.monotonic()
            self._total = ""
            if seconds >= 1:
                self._total = f"{'over' if unknown else 'about'} {rough(seconds)} left"
        return self._total

    def _total_s(self, scheduler) -> tuple[float, set[str]]:
        """The larger of all work over all cores and the longest chain; jobs that wait for failed ones do not count."""
        ends_s: dict = {}
        core_s, unknown = 0.0, set()
        blocked = scheduler.blocked()
        for job in scheduler.needed:  # inputs first
            state = scheduler.states.get(job)
            if state in (None, st.FINISHED, *st.NEEDS_A_PERSON) or job in blocked:
                continue
            cost = self._durations.of(job)
            if cost is None or not self._durations.is_known(job):
                unknown.add(kind_of(job))
                cost = cost or Cost(0.0, 0.0)
            left_s, left_core_s = cost
            if state == st.RUNNING:
                known_s = self.job_left_s(job, scheduler.wall_time_s(job), read_progress(job))
                left_s = left_s if known_s is None else known_s
                left_core_s = left_s * (cost.core_s / cost.duration_s if cost.duration_s else 1.0)
            core_s += left_core_s
            before_s = max((ends_s.get(path.creator, 0.0) for path in job._sis_inputs), default=0.0)
            ends_s[job] = before_s + left_s
        return max([core_s / scheduler.engine.cores(), *ends_s.values()]), unknown


def obstacles(scheduler) -> list[str]:
    """Why queued and waiting jobs do not run: `12 queued for cpu (2 of 2 taken)`, `20 waiting for JOB (error)`."""
    lines = [f"{number} queued for {what}" for what, number in scheduler.engine.shortages().items()]
    roots = Counter(scheduler.blocked().values())
    for job, number in roots.most_common(3):
        state = scheduler.states[job]
        lines.append(f"{number} waiting for {job.get_one_alias() or job.job_id()} ({state})")
    if len(roots) > 3:
        lines.append(f"{sum(roots.values()) - sum(n for _, n in roots.most_common(3))} waiting for others")
    return lines


def rough(seconds: float) -> str:
    """`40 s`, `12 min`, `2.5 h`, `3.1 days`."""
    for unit, length_s in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 1.5 * length_s:
            return f"{seconds / length_s:.{0 if unit == 'min' else 1}f} {unit}"
    return f"{seconds:.0f} s"
