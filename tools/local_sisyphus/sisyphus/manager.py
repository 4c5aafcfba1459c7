"""`sis manager`: loads configs and runs what they ask for; exit status 0 if every target is there, otherwise 1."""

import os
import signal
import time

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus import toolkit
from sisyphus.display import PlainDisplay, duration, summary
from sisyphus.graph import graph, link_aliases
from sisyphus.job_directory import move_aside
from sisyphus.loader import load_configs
from sisyphus.lock import ManagerLock
from sisyphus.scheduler import Scheduler


class Stopped(Exception):
    """The manager was told to stop."""


def manage(options) -> int:
    """Run the manager; the exit status."""
    started_s = time.monotonic()
    toolkit.set_role("manager")
    load_configs(options.config + options.argv)
    os.makedirs(os.path.join(gs.BASE_DIR, gs.WORK_DIR), exist_ok=True)
    lock = ManagerLock()
    lock.acquire()
    try:
        return _run(options, started_s)
    finally:
        lock.release()


def _run(options, started_s: float) -> int:
    engine = gs.engine()
    engine.start_engine()
    display = PlainDisplay()
    scheduler = Scheduler(graph, engine, display)
    link_aliases(graph.jobs())
    previous = signal.signal(signal.SIGTERM, _raise_stopped)
    try:
        if options.clear_errors_once or options.clear_interrupts_once:
            _clear(scheduler, options)
        done = scheduler.run()
    except (KeyboardInterrupt, Stopped):
        display.line("stopping: tasks get SIGTERM, then SIGKILL")
        scheduler.stop()
        done = False
    finally:
        signal.signal(signal.SIGTERM, previous)
        display.close()
        engine.stop_engine()
    display.line(f"{summary(scheduler)}; {duration(time.monotonic() - started_s)}")
    return 0 if done else 1


def _raise_stopped(signal_number, frame):
    raise Stopped


def _clear(scheduler: Scheduler, options) -> None:
    """Move failed or interrupted jobs aside, so that they start over."""
    cleared = (st.ERROR, st.QUEUE_ERROR, st.RETRY_ERROR) if options.clear_errors_once else ()
    if options.clear_interrupts_once:
        cleared = (*cleared, st.NOT_RESUMABLE)
    for job in graph.unfinished_jobs():
        if job._sis_is_set_up() and st.job_state(job, scheduler.engine) in cleared:
            scheduler.display.line(f"cleared: {job} -> {os.path.relpath(move_aside(job), gs.BASE_DIR)}")
