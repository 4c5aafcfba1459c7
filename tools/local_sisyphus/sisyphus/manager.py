"""`sis manager` and `sis status`: run what the configs ask for, or tell how far it is."""

import logging
import os
import sys

from sisyphus import global_settings as gs
from sisyphus import prompt, toolkit
from sisyphus.display import PlainDisplay, display_for
from sisyphus.graph import graph, link_aliases
from sisyphus.loader import load_configs
from sisyphus.lock import ManagerLock
from sisyphus.overview import counts, explain, survey
from sisyphus.scheduler import Scheduler
from sisyphus.stopping import StopRequest


def manage(options) -> int:
    """Run the manager; exit status 0 if every target is there at the end, otherwise 1."""
    toolkit.set_role("manager")
    os.makedirs(os.path.join(gs.BASE_DIR, gs.WORK_DIR), exist_ok=True)
    lock = ManagerLock()
    lock.acquire()
    try:
        load_configs(options.config + options.argv)
        engine = gs.engine()
        engine.start_engine()
        link_aliases(graph.jobs())
        prompt.clear_as_told(graph, engine, options)
        if not graph.targets:
            logging.warning("the configs register no outputs: there is nothing to do")
        if options.run or prompt.wants_to_start(graph, engine):
            return _run(engine, options.interactive)
        return 0 if graph.is_done() else 1
    finally:
        lock.release()


def _run(engine, interactive: bool) -> int:
    display = PlainDisplay(sys.stdout) if interactive else display_for(sys.stdout)
    scheduler = Scheduler(graph, engine, display, *([prompt.Approval()] if interactive else []))
    ended = False
    with StopRequest() as stop:
        try:
            ended = scheduler.run(stop)
        finally:
            if not ended:  # told to stop, or the manager itself broke: no task outlives it unnoticed
                display.note("stopping the running tasks")
                scheduler.stop_tasks()
            engine.stop_engine()
    display.close(scheduler)
    return 0 if ended and not scheduler.failed_targets and graph.is_done() else 1


def status(options) -> int:
    """Print the states of unfinished jobs with the reasons why they do not run; 0 if all targets are there."""
    states = _look(options)
    print("\n".join([*explain(states, options.all), counts(graph, states)]))
    return 0 if graph.is_done() else 1


def show_graph(options) -> int:
    """Print what the targets need, as a tree or for Graphviz."""
    from sisyphus.graph_text import dot, tree

    states = _look(options)
    for line in (dot if options.dot else tree)(graph, states, options.all):
        print(line)
    if not options.dot:
        print(counts(graph, states))
    return 0


def _look(options) -> dict:
    toolkit.set_role("manager")
    load_configs(options.config + options.argv)
    engine = gs.engine()
    engine.start_engine()
    return survey(graph, engine)
