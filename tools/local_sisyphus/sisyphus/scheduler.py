"""Deciding what runs next: follows the states of all needed jobs and feeds the engine."""

import os
import time

from sisyphus import global_settings as gs
from sisyphus import state as st
from sisyphus import submit_log
from sisyphus.graph import Graph
from sisyphus.job import Job, created_jobs
from sisyphus.job_directory import mark, missing_outputs, set_up
from sisyphus.processes import wait_for_any


class Scheduler:
    """Runs the jobs of a graph on an engine.

    Reacts to every process that ends; what no process reports (external files, `hold`, markers removed by hand) is
    looked at every WAIT_PERIOD_BETWEEN_CHECKS seconds. `display` is told about every change.
    """

    def __init__(self, graph: Graph, engine, display, approve=lambda job: True):
        self.graph = graph
        self.engine = engine
        self.display = display
        self.approve = approve
        self.states: dict[Job, str] = {}  # every job that was needed since the start
        self.reasons: dict[Job, str] = {}  # of failures that no log tells
        self._users: dict[Job, set[Job]] = {}
        self._missing: dict[Job, list] = {}
        self._set_up: set[Job] = set()
        self._stable: set[Job] = set()  # jobs whose update() changes nothing more
        self._started_s: dict[Job, float] = {}

    # looking

    def refresh(self) -> None:
        """Look at every job that is still needed."""
        needed = self.graph.unfinished_jobs()
        self._users = {}
        for job in needed:
            for path in job._sis_inputs:
                if path.creator is not None:
                    self._users.setdefault(path.creator, set()).add(job)
        for job in needed:
            self._look_at(job)

    def _look_at(self, job: Job) -> None:
        """Find the state of a job, and run its update() when its inputs are there."""
        if job in self.reasons:
            return
        try:
            state = self._find_state(job)
            if state == st.FINISHED and not job._sis_is_finished():
                state = self._finish(job)
        except Exception as error:  # of the recipe's code: tasks(), update(), path_available()
            self._refuse(job, f"{type(error).__name__}: {error}")
            return
        self._set_state(job, state)

    def _find_state(self, job: Job) -> str:
        if job._sis_is_finished():
            return st.FINISHED
        if not self._inputs_available(job):
            external = [path for path in self._missing[job] if path.creator is None]
            return st.INPUT_MISSING if external else st.WAITING
        if job._sis_is_set_up():
            for task in job._sis_task_list():
                st.retry_failed_tries(task)
        return st.job_state(job, self.engine)

    def _inputs_available(self, job: Job) -> bool:
        while True:
            self._missing[job] = [path for path in job._sis_inputs if not path.available()]
            if self._missing[job] or job in self._stable:
                return not self._missing[job]
            inputs_before = set(job._sis_inputs)
            job.update()
            if inputs_before == job._sis_inputs:
                self._stable.add(job)

    def _finish(self, job: Job) -> str:
        """Mark a job as finished whose tasks all are, unless it did not write what it declared."""
        missing = missing_outputs(job)
        if not missing:
            mark(job._sis_path("finished"))
            return st.FINISHED
        task = job._sis_task_list()[-1]
        task_id = task.task_ids()[-1] if task.task_ids() else 1
        with open(task.path("log", task_id), "a", encoding="utf-8") as log:
            log.write(f"the job ended without writing its outputs {', '.join(missing)}\n")
        mark(task.path("error", task_id))
        os.remove(task.path("finished", task_id))
        return st.ERROR

    def _set_state(self, job: Job, state: str) -> None:
        before = self.states.get(job)
        if state == before:
            return
        self.states[job] = state
        if state == st.RUNNING:
            self._started_s.setdefault(job, time.monotonic())
        if before is None and state in (st.FINISHED, st.WAITING):
            return
        self.display.state_changed(job, before, state, self.wall_time_s(job))
        if state == st.FINISHED:
            gs.on_job_finished(job)
        elif state in st.FAILED:
            gs.on_job_failure(job)

    def wall_time_s(self, job: Job) -> float | None:
        started = self._started_s.get(job)
        return None if started is None else time.monotonic() - started

    def _refuse(self, job: Job, reason: str) -> None:
        self.reasons[job] = reason
        self._set_state(job, st.ERROR)

    # doing

    def submit_ready(self) -> None:
        """Hand every job that can run to the engine."""
        for job, state in list(self.states.items()):
            if state in st.SUBMITTABLE and self.approve(job):
                self._submit(job)
        for key in self.engine.start_what_fits():
            self._look_at(created_jobs[key[0]])

    def _submit(self, job: Job) -> None:
        try:
            if job not in self._set_up:
                set_up(job)
                self._set_up.add(job)
            task = st.first_unfinished_task(job)
            if task is not None:
                refusal = self.engine.refusal(self.engine.task_rqmt(task, next(iter(task.task_ids()), 1)))
                if refusal:
                    self._refuse(job, f"task {task.name()} {refusal}; lower the job's rqmt or use another machine")
                    return
                self.engine.submit(task)
        except Exception as error:
            self._refuse(job, f"{type(error).__name__}: {error}")
            return
        self._look_at(job)

    def _task_ended(self, key) -> None:
        job = created_jobs.get(key[0])
        if job is None:
            return
        self._look_at(job)
        if self.states.get(job) == st.FINISHED:
            for user in self._users.get(job, ()):
                self._look_at(user)
                if user._sis_inputs and any(path.creator not in self.states for path in self._missing.get(user, ())):
                    self.refresh()

    def update_targets(self, final: bool = False) -> None:
        for target in self.graph.targets:
            linked = target.update(final) if hasattr(target, "update_frequency_s") else target.update()
            if linked:
                self.display.output_ready(linked)

    def count(self, *states: str) -> int:
        return sum(state in states for state in self.states.values())

    def is_active(self) -> bool:
        return self.count(*st.ACTIVE) > 0

    def run(self) -> bool:
        """Run until nothing is left to do; whether every target is there."""
        self.refresh()
        next_look_s = 0.0
        while True:
            self.submit_ready()
            self.display.update(self)
            if not self.is_active():
                break
            timeout_s = max(0.0, next_look_s - time.monotonic())
            wait_for_any(self.engine.descriptors(), min(timeout_s, self.display.period_s))
            ended = self.engine.collect_ended()
            for key in ended:
                self._task_ended(key)
            if ended:
                self.update_targets()
            if time.monotonic() >= next_look_s:
                self.refresh()
                self.update_targets()
                next_look_s = time.monotonic() + gs.WAIT_PERIOD_BETWEEN_CHECKS
        self.update_targets(final=True)
        return self.all_done()

    def all_done(self) -> bool:
        return all(path.available() for path in self.graph.target_paths())

    def stop(self) -> None:
        """Stop all running tasks; they do not count as failed."""
        for job_id, task_name, task_id in self.engine.stop_tasks():
            job = created_jobs.get(job_id)
            task = next((t for t in job._sis_task_list() if t.name() == task_name), None) if job else None
            if task is not None and not task.has("finished", task_id):
                submit_log.forget_last(task, task_id)
