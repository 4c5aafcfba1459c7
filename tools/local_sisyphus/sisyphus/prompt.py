"""The questions of a manager that was started without -r."""

import os

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus.graph import Graph, link_aliases
from sisyphus.job import Job
from sisyphus.job_directory import move_aside, set_up
from sisyphus.overview import counts, explain, survey

BROKEN = (st.ERROR, st.QUEUE_ERROR, st.RETRY_ERROR)


def ask(question: str) -> str:
    """The answer in lower case; a closed input counts as no answer."""
    try:
        return input(f"{question} ").strip().lower()
    except EOFError:
        print()
        return ""


def clear(states: dict[Job, str], wanted: tuple[str, ...]) -> None:
    """Move the directories of jobs in these states aside, so that they start over."""
    for job, state in states.items():
        if state in wanted:
            print(f"cleared: {job} -> {os.path.relpath(move_aside(job), gs.BASE_DIR)}")


def clear_as_told(graph: Graph, engine, options) -> None:
    """Retry or clear what the command line names; without -r and -io ask about the rest."""
    states = survey(graph, engine)
    if options.retry_errors_once:
        for job in [job for job, state in states.items() if state in BROKEN]:
            for task in job._sis_task_list():
                st.forget_failures(task)
        states = survey(graph, engine)
    kinds = [("failed", BROKEN, options.clear_errors_once)]
    kinds.append(("interrupted", (st.NOT_RESUMABLE,), options.clear_interrupts_once))
    for name, wanted, told in kinds:
        number = sum(state in wanted for state in states.values())
        may_ask = not (options.run or options.ignore_once)
        if number and (told or (may_ask and ask(f"Clear {number} {name} job(s) and start them over? (y/N)") == "y")):
            clear(states, wanted)


def wants_to_start(graph: Graph, engine) -> bool:
    """The menu before the start: whether to go on."""
    while True:
        states = survey(graph, engine)
        print(counts(graph, states))
        answer = ask("[y] start, [v] why jobs wait, [u] update aliases and outputs, [s] set up jobs, [n] leave:")
        if answer == "v":
            print("\n".join(explain(states, every_job=True)))
        elif answer == "u":
            link_aliases(graph.jobs())
            for target in graph.targets:
                target.update()
        elif answer == "s":
            for job in [job for job, state in states.items() if state == st.RUNNABLE]:
                set_up(job)
        elif answer in ("y", "n", ""):
            return answer == "y"


class Approval:
    """Asks before every submission: yes, skip this job, or never submit again."""

    def __init__(self):
        self._never = False

    def __call__(self, job: Job) -> bool:
        if self._never:
            return False
        answer = ask(f"Submit {job}? [y]es, [s]kip, [n]ever again:")
        self._never = answer not in ("y", "s")
        return answer == "y"
