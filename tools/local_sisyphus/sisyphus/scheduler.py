"""Follows the states of all needed jobs and submits those that can run to the engine."""

import os
import time
from collections import defaultdict

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus import submit_log, tries
from sisyphus.cleanup import pack
from sisyphus.failures import free_disk_mb
from sisyphus.graph import Graph
from sisyphus.identity import created_jobs, task_of
from sisyphus.job import Job
from sisyphus.job_directory import absolute, mark, set_up
from sisyphus.processes import wait_for_any
from sisyphus.targets import CallbackTarget
from sisyphus.trouble import LASTING
from sisyphus.watchdog import Watchdog, note


class Scheduler:
    """Runs the jobs of a graph on an engine.

    Reacts to every process that ends. What no process reports (external files, `hold`, markers removed by hand) is
    checked every WAIT_PERIOD_BETWEEN_CHECKS seconds. `display` is called on every change.
    """

    def __init__(self, graph: Graph, engine, display):
        self.graph = graph
        self.engine = engine
        self.display = display
        self.needed: list[Job] = []  # unfinished at the last refresh, inputs first
        self.states: dict[Job, str] = {}  # every job that was needed since the start
        self.refusals: dict[Job, str] = {}  # why a job failed without having started
        self.started_s: dict[Job, float] = {}
        self.watchdog = Watchdog(engine, display)
        self.failed_targets = 0
        self.disk_full = False
        self._graph_size = 0
        self._created = 0
        self._users: dict[Job, set[Job]] = {}
        self._targets: dict[Job, list] = {}
        self._missing: dict[Job, list] = {}
        self._set_up: set[Job] = set()
        self._stable: set[Job] = set()  # jobs whose update() adds no more inputs

    # states

    def refresh(self) -> None:
        """Update the state of every job that is still needed."""
        self.needed = self.graph.unfinished_jobs()
        self._users = defaultdict(set)
        for job in self.needed:
            for path in job._sis_inputs:
                self._users[path.creator].add(job)
        self._targets = defaultdict(list)
        for target in self.graph.targets:
            for path in target.required:
                self._targets[path.creator].append(target)
        for job in self.needed:
            self._look_at(job)
        if self._created != len(created_jobs):
            self._created = len(created_jobs)
            self._graph_size = len(self.graph.jobs())

    def _look_at(self, job: Job) -> None:
        if job in self.refusals:
            return
        try:
            state = self._find_state(job)
        except Exception as error:  # in code of the recipe: tasks(), update(), path_available()
            _raise_lasting(error)
            self._refuse(job, f"{type(error).__name__}: {error}")
            return
        self._set_state(job, state)

    def _find_state(self, job: Job) -> str:
        if job._sis_finished():
            return st.FINISHED
        if not self._inputs_available(job):
            external = any(path.creator is None for path in self._missing[job])
            return st.INPUT_MISSING if external else st.WAITING
        retried = [st.retry_failed(task, self.engine) for task in job._sis_task_list() if job._sis_is_set_up()]
        if any(retried):
            self.display.note(f"failed or killed, trying again: {job}")
        state = st.job_state(job, self.engine)
        if state == st.FINISHED:  # unless the last worker is still ending
            if any(job_id == job.job_id() for job_id, _, _ in self.engine.pending()):
                return st.RUNNING
            mark(absolute(job, "finished"))
        return state

    def _inputs_available(self, job: Job) -> bool:
        """Whether all inputs are available, including those that the job's update() adds."""
        known = self._missing.get(job)
        if known and not known[0].available():  # one is enough; checking all of a large graph is slow
            return False
        while True:
            missing = (path for path in job._sis_inputs if not path.available())
            self._missing[job] = sorted(missing, key=lambda path: path.creator is not None)  # external ones first
            if self._missing[job] or job in self._stable:
                return not self._missing[job]
            inputs_before = set(job._sis_inputs)
            job.update()
            if inputs_before == job._sis_inputs:
                self._stable.add(job)

    def _set_state(self, job: Job, state: str) -> None:
        before = self.states.get(job)
        if state == before:
            return
        self.states[job] = state
        first_start = state == st.RUNNING and job not in self.started_s
        if first_start:
            self.started_s[job] = time.monotonic()
        known_before = before is None and state == st.FINISHED
        if first_start or not known_before and state not in (st.RUNNING, st.RUNNABLE, st.QUEUE, st.WAITING):
            self.display.state_changed(job, state, self.wall_time_s(job), self.refusals.get(job))
        try:
            if state == st.FINISHED:
                gs.on_job_finished(job)
                if gs.JOB_AUTO_CLEANUP:
                    pack(absolute(job))
            elif state in st.FAILED:
                gs.on_job_failure(job)
        except Exception as error:  # in a hook of the settings, or of the disk
            self.display.note(f"after {job} was {state}: {type(error).__name__}: {error}")

    def wall_time_s(self, job: Job) -> float | None:
        started = self.started_s.get(job)
        return None if started is None else time.monotonic() - started

    def _refuse(self, job: Job, reason: str) -> None:
        self.refusals[job] = reason
        self._set_state(job, st.ERROR)

    # submitting

    def submit_ready(self) -> None:
        """Submit every job that can run, unless the disk is full: jobs would fail without a message."""
        if self._disk_is_full():
            return
        for job, state in list(self.states.items()):
            if state in st.SUBMITTABLE:
                self._submit(job)
        for key in self.engine.start_what_fits():
            note(key, None)
            self._look_at(created_jobs[key[0]])

    def _disk_is_full(self) -> bool:
        free, was_full = free_disk_mb(), self.disk_full
        self.disk_full = free < gs.MINIMUM_FREE_DISK_MB
        if self.disk_full and not was_full:
            self.display.note(f"DISK FULL: {free:.1f} MB are free in {gs.WORK_DIR}; no job starts until there is room")
        return self.disk_full

    def _submit(self, job: Job) -> None:
        try:
            if job not in self._set_up:
                set_up(job)
                self._set_up.add(job)
            task = st.first_unfinished_task(job)
            refusal = task and self.engine.refusal(self.engine.task_rqmt(task, 1))
            if refusal:
                self._refuse(job, f"task {task.name()} {refusal}; lower the rqmt of the job or use a larger machine")
                return
            if task is not None:
                self.engine.submit(task)
        except Exception as error:  # arguments that cannot be pickled, invalid requirements
            _raise_lasting(error)
            self._refuse(job, f"{type(error).__name__}: {error}")
            return
        self._look_at(job)

    def _note_interruption(self, key: tuple[str, str, int]) -> None:
        """Record that a try has ended without a marker: its whole process group was killed."""
        task, task_id, cause = task_of(key), key[2], self.watchdog.cause_of_end(key)
        if task is not None and not task.has("finished", task_id) and not task.has("error", task_id):
            tries.interrupted(task, task_id, cause)

    def _task_ended(self, job_id: str) -> None:
        job = created_jobs.get(job_id)
        if job is None or job not in self.states:  # adopted, but no target needs it any more
            return
        self._look_at(job)
        if self.states[job] == st.FINISHED:
            self._update_targets(self._targets.get(job, ()))
            for user in self._users.get(job, ()):
                self._look_at(user)
            if self._created != len(created_jobs):  # an update() has created jobs
                self.refresh()

    def _update_targets(self, targets, final: bool = False) -> None:
        for target in targets:
            try:
                if isinstance(target, CallbackTarget):
                    if target.is_due():
                        with self.display.aside():  # the function may print
                            target.update(final)
                    continue
                link = target.update(final)
            except Exception as error:
                target.done = True
                self.failed_targets += 1
                self.display.note(f"FAILED: target {target.name}: {type(error).__name__}: {error}")
            else:
                if link:
                    self.display.output_ready(link)

    def count(self, *states: str) -> int:
        return sum(state in states for state in self.states.values())

    def _is_active(self) -> bool:
        """Whether any needed job runs or can run; other ids of a failed job may still run."""
        pending = (created_jobs.get(job_id) for job_id, _, _ in self.engine.pending())
        return self.count(*st.ACTIVE) > 0 or any(job in self.states for job in pending)

    def blocked(self) -> dict[Job, Job]:
        """Waiting jobs that need a job which waits for a person, each with that job."""
        stack = [(job, job) for job, state in self.states.items() if state in st.NEEDS_A_PERSON]
        behind: dict[Job, Job] = {}
        while stack:
            job, root = stack.pop()
            for user in self._users.get(job, ()):
                if user not in behind and self.states.get(user) == st.WAITING:
                    behind[user] = root
                    stack.append((user, root))
        return behind

    def progress(self) -> tuple[int, int]:
        """(jobs done, jobs in the graph); ancestors of finished jobs count as done."""
        unfinished = len(self.states) - self.count(st.FINISHED)
        return self._graph_size - unfinished, self._graph_size

    def run(self, stop) -> bool:
        """Run until nothing can be done any more (True) or `stop` is requested (False)."""
        for key in self.engine.pending():  # adopted: what an earlier manager noted is old
            note(key, None)
        next_look_s = float("-inf")
        while not stop.received:
            if time.monotonic() >= next_look_s:
                started_s = time.process_time()
                self.refresh()
                self._update_targets(self.graph.targets)
                pause_s = 50 * (time.process_time() - started_s)  # at most 2 % of a core, also for large graphs
                next_look_s = time.monotonic() + max(gs.WAIT_PERIOD_BETWEEN_CHECKS, pause_s, 0.1)
            self.submit_ready()
            self.watchdog.look()
            self.display.update(self)
            if not self._is_active() or (self.disk_full and not self.count(st.RUNNING)):
                break
            timeout_s = min(next_look_s - time.monotonic(), self.display.period_s)
            wait_for_any([stop.descriptor, *self.engine.descriptors()], max(0.0, timeout_s))
            ended = self.engine.collect_ended()
            for key in ended:  # a shutdown of the machine asks manager and tasks to end, in any order
                (self._take_back if stop.received else self._note_interruption)(key)
            for job_id in {key[0] for key in ended}:
                self._task_ended(job_id)
        self._update_targets(self.graph.targets, final=True)
        return not stop.received

    def stop_tasks(self) -> None:
        """Stop all running tasks; it does not count as a try."""
        for key in self.engine.stop_tasks():
            self._take_back(key)

    def _take_back(self, key: tuple[str, str, int]) -> None:
        task, task_id = task_of(key), key[2]
        if task is not None and not task.has("finished", task_id):
            submit_log.forget_last(task, task_id)
            tries.stopped(task, task_id)


def _raise_lasting(error: Exception) -> None:
    """Do not blame a job for a work directory that nothing can be written to."""
    if isinstance(error, OSError) and error.errno in LASTING and _in_work(error.filename):
        raise error


def _in_work(path) -> bool:
    return isinstance(path, str) and path.startswith(os.path.join(gs.BASE_DIR, gs.WORK_DIR, ""))
