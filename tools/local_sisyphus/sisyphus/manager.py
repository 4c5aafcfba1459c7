"""`sis manager` and `sis status`: run what the configs ask for, or report the progress."""

import logging
import sys
from collections.abc import Iterable

from sisyphus import global_settings as gs
from sisyphus.clearing import retry_or_clear
from sisyphus.display import display_for
from sisyphus.graph import graph, link_aliases
from sisyphus.loader import load_configs
from sisyphus.lock import ManagerLock
from sisyphus.overview import counts, explain, stalls_of, survey
from sisyphus.role import set_role
from sisyphus.scheduler import Scheduler
from sisyphus.stopping import StopRequest
from sisyphus.trouble import check_folders, check_readable

SHOWN_JOBS = 5  # of each remark on finished jobs; `status -a` names all


def manage(options) -> int:
    """Run the manager; exit status 0 if every target is there at the end, otherwise 1.

    Without `-r` nothing is started or changed: the states are printed instead.
    """
    if not options.run:
        print("nothing is started without -r; the states are:")
        return status(options)
    set_role("manager")
    check_folders()
    lock = ManagerLock()
    lock.acquire()
    try:
        _ask(gs.on_graph_start, _load(options))
        engine = gs.engine()
        engine.start_engine()
        link_aliases(graph.jobs())
        retry_or_clear(survey(graph, engine), options)
        if not graph.targets:
            logging.warning("the configs register no outputs: there is nothing to do")
        for line in _remarks(shown_jobs=0):
            print(line, flush=True)
        return _run(engine)
    finally:
        lock.release()


def _load(options) -> list[str]:
    """Build the graph; the configs that it comes from."""
    configs = _ask(gs.configs_to_load, options.config + options.argv)
    load_configs(configs)
    return configs


def _ask(hook, configs: list[str]):
    """:raises RuntimeError: with the sentence of a hook of settings.py that refuses"""
    try:
        return hook(configs)
    except ValueError as error:
        raise RuntimeError(str(error)) from error


def _run(engine) -> int:
    display = display_for(sys.stdout)
    scheduler = Scheduler(graph, engine, display)
    ended = False
    with StopRequest() as stop:
        try:
            ended = scheduler.run(stop)
        finally:
            if not ended:  # stopped by a signal, or the manager itself failed: leave no task running unnoticed
                display.note("stopping the running tasks")
                scheduler.stop_tasks()
            engine.stop_engine()
    display.close(scheduler)
    return 0 if ended and not scheduler.failed_targets and graph.is_done() else 1


def _remarks(shown_jobs: int | None) -> Iterable[str]:
    folders = sorted(job._sis_path() for job in graph.jobs() if job._sis_finished())
    return gs.finished_job_remarks(folders, shown_jobs)


def status(options) -> int:
    """Print the states of unfinished jobs with the reasons why they do not run; 0 if all targets are there.

    What `finished_job_remarks` of settings.py says about finished ones follows.
    """
    set_role("manager")
    check_readable()
    _load(options)
    engine = gs.engine()
    engine.start_engine()
    states = survey(graph, engine)
    print(
        "\n".join(
            [
                *explain(states, options.all, stalls_of(states, engine)),
                counts(graph, states),
                *_remarks(None if options.all else SHOWN_JOBS),
            ]
        )
    )
    return 0 if graph.is_done() else 1
