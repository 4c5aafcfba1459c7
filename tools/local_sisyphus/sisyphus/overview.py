"""The present state of a graph, and why its jobs do not run."""

import glob
import os
from collections import Counter

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus.durations import kind_of
from sisyphus.failures import describe
from sisyphus.graph import Graph
from sisyphus.job import Job


def survey(graph: Graph, engine) -> dict[Job, str]:
    """The states of all jobs that are still needed; without side effects."""
    states = {}
    for job in graph.unfinished_jobs():
        missing = missing_inputs(job)
        if job._sis_finished():
            states[job] = st.FINISHED
        elif missing:
            states[job] = st.INPUT_MISSING if any(path.creator is None for path in missing) else st.WAITING
        else:
            states[job] = st.job_state(job, engine)
    return states


def missing_inputs(job: Job) -> list:
    return sorted(path for path in job._sis_inputs if not path.available())


def counts(graph: Graph, states: dict[Job, str]) -> str:
    """`38/40 jobs done, 1 error, 1 waiting`; ancestors of finished jobs count as done."""
    unfinished = Counter(state for state in states.values() if state != st.FINISHED)
    total = len(graph.jobs())
    parts = [f"{number} {state}" for state, number in sorted(unfinished.items())]
    return ", ".join([f"{total - unfinished.total()}/{total} jobs done", *parts])


def stalls_of(states: dict[Job, str], engine) -> dict[Job, str]:
    """What keeps running jobs from working: what their manager has noted, and which of them a signal has stopped."""
    stalls = {}
    stopped = {job_id: str(stall) for (job_id, _, _), stall in engine.stopped_now().items()}
    for job, state in states.items():
        if state == st.RUNNING:
            pattern = os.path.join(glob.escape(os.path.join(gs.BASE_DIR, job._sis_path())), "stalled.*")
            notes = [text for path in sorted(glob.glob(pattern)) if (text := _first_line(path))]
            notes += [stopped[job.job_id()]] if job.job_id() in stopped and not notes else []
            if notes:
                stalls[job] = notes[0]
    return stalls


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readline().strip()
    except OSError:
        return ""


def explain(states: dict[Job, str], every_job: bool = False, stalls: dict[Job, str] | None = None) -> list[str]:
    """A line per unfinished job with its state and why it does not run; failures with the end of their logs.

    Without `every_job`, waiting jobs of one kind that wait for the same kinds share a line.
    """
    lines, groups = [], {}
    for job, state in states.items():
        if state in st.FAILED:
            first, *rest = describe(job, state)
            lines += [f"{state}: {first}", *rest]
        elif state in (st.WAITING, st.RUNNABLE) and not every_job:
            kinds = sorted({f"{kind_of(creator)} ({states.get(creator)})" for creator in _unfinished_creators(job)})
            groups.setdefault((state, kind_of(job), tuple(kinds)), []).append(job)
        elif state != st.FINISHED:
            stall = (stalls or {}).get(job)
            lines.append(f"{state}: {job}{_why(job, state, states)}" + (f"; STALLED: {stall}" if stall else ""))
    for (state, kind, kinds), jobs in groups.items():
        if len(jobs) == 1:
            lines.append(f"{state}: {jobs[0]}{_why(jobs[0], state, states)}")
        else:
            lines.append(f"{state}: {len(jobs)} x {kind}" + (f" for {', '.join(kinds)}" if kinds else ""))
    return lines


def _unfinished_creators(job: Job) -> list[Job]:
    return sorted({path.creator for path in missing_inputs(job) if path.creator is not None})


def _why(job: Job, state: str, states: dict[Job, str]) -> str:
    if state == st.HOLD:
        return f" is held; remove {job._sis_path('hold')} or the call of hold()"
    if state not in (st.WAITING, st.INPUT_MISSING):
        return ""
    missing = missing_inputs(job)
    external = [path for path in missing if path.creator is None]
    if external:
        return f" needs {external[0].get_path()}, which does not exist and no job creates"
    creators = _unfinished_creators(job)
    named = ", ".join(f"{c.get_one_alias() or c.job_id()} ({states.get(c, st.FINISHED)})" for c in creators[:3])
    return f" waits for {named}" + (f" and {len(creators) - 3} more" if len(creators) > 3 else "")
