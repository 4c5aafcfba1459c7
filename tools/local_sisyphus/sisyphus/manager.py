"""`sis manager` and `sis status`: run what the configs ask for, or tell how far it is."""

import os
import sys

from sisyphus import global_settings as gs
from sisyphus import prompt, toolkit
from sisyphus.display import display_for
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
        if not options.run and not prompt.wants_to_start(graph, engine):
            return 0
        return _run(engine, options.interactive)
    finally:
        lock.release()


def _run(engine, interactive: bool) -> int:
    display = display_for(sys.stdout)
    scheduler = Scheduler(graph, engine, display, *([prompt.Approval()] if interactive else []))
    done = False
    with StopRequest() as stop:
        try:
            done = scheduler.run(stop)
        finally:  # also if the manager itself breaks: no task outlives it unnoticed
            if stop.received:
                display.note("stopping the running tasks")
            scheduler.stop_tasks()
            engine.stop_engine()
    display.close(scheduler)
    return 0 if done and not stop.received else 1


def status(options) -> int:
    """Print the state of every unfinished job with the reason why it does not run; 0 if all targets are there."""
    toolkit.set_role("manager")
    load_configs(options.config + options.argv)
    engine = gs.engine()
    engine.start_engine()
    states = survey(graph, engine)
    print("\n".join([*explain(states), counts(graph, states)]))
    return 0 if all(path.available() for path in graph.target_paths()) else 1
