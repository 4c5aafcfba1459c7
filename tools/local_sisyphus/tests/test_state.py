"""States of task ids and jobs from the files in the job directory."""

import os
import time
from pathlib import Path

import pytest
from sisyphus import Job, Task, gs, submit_log
from sisyphus import state as st
from sisyphus.job_directory import set_up

pytestmark = pytest.mark.usefixtures("base")


class Steps(Job):
    def __init__(self, resume="one", tries=1):
        self.resume = resume
        self.tries = tries

    def tasks(self):
        yield Task("one", resume=self.resume, args=[1, 2], tries=self.tries)
        yield Task("two")

    def one(self, number):
        pass

    def two(self):
        pass


class Knowing:
    """An engine that knows what it is told."""

    def __init__(self, **states):
        self.states = states

    def task_state(self, task, task_id):
        return self.states.get(f"{task.name()}_{task_id}")


@pytest.fixture
def job():
    return made()


def made(**arguments):
    job = Steps(**arguments)
    set_up(job)
    return job


def put(job, *names, text=""):
    for name in names:
        (Path(job._sis_path()) / name).write_text(text)


def submitted(job, times, fraction=None):
    job.completed_fraction = lambda: fraction
    for _ in range(times):
        submit_log.append(job._sis_task_list()[0], [1], {"cpu": 1, "mem": 1, "time": 1}, "local", "here")


@pytest.mark.parametrize(
    "files, known, state",
    [
        ([], None, st.RUNNABLE),
        ([], st.QUEUE, st.QUEUE),
        (["log.one.1"], st.RUNNING, st.RUNNING),
        (["log.one.1"], None, st.RESUMABLE),
        (["log.one.1", "error.one.1"], None, st.ERROR),
        (["log.one.1", "error.one.1"], st.RUNNING, st.RUNNING),
        (["log.one.1", "finished.one.1"], st.RUNNING, st.FINISHED),
    ],
)
def test_state_of_an_id(job, files, known, state):
    put(job, *files)
    assert st.task_id_state(job._sis_task_list()[0], 1, Knowing(one_1=known)) == state


def test_interruptions_end_after_too_many_tries():
    assert state_after(made(resume=None), 1) == st.NOT_RESUMABLE
    job = made()
    assert state_after(job, gs.MAX_SUBMIT_RETRIES) == st.RESUMABLE
    assert state_after(job, 1) == st.RETRY_ERROR
    assert state_after(job, 1, fraction=0.5) == st.RESUMABLE  # it got further meanwhile
    os.remove(Path(job._sis_path()) / "submit_log.one")
    assert state_after(job, 0) == st.RESUMABLE


def state_after(job, submissions, fraction=None):
    put(job, "log.one.1")
    submitted(job, submissions, fraction)
    return st.task_id_state(job._sis_task_list()[0], 1, Knowing())


def test_a_young_report_from_another_host_counts_as_running(job):
    put(job, "log.one.1")
    put(job, "usage.one.1", text="{'host': 'elsewhere', 'pid': 1}")
    assert state_after(job, 0) == st.RUNNING
    usage = Path(job._sis_path()) / "usage.one.1"
    os.utime(usage, (time.time() - 1000,) * 2)
    assert state_after(job, 0) == st.RESUMABLE
    usage.write_text(repr({"host": os.uname().nodename, "pid": 1}))
    assert state_after(job, 0) == st.RESUMABLE


def test_a_job_is_as_far_as_its_first_unfinished_task(job):
    put(job, "log.one.1", "finished.one.1", "log.one.2")
    assert st.job_state(job, Knowing(one_2=st.RUNNING)) == st.RUNNING
    put(job, "error.one.2")
    assert st.job_state(job, Knowing(two_1=st.RUNNING)) == st.ERROR
    os.remove(Path(job._sis_path()) / "error.one.2")
    put(job, "finished.one.2")
    assert st.job_state(job, Knowing()) == st.RUNNABLE
    put(job, "finished.two.1")
    assert st.job_state(job, Knowing()) == st.FINISHED


@pytest.mark.parametrize("marker", ["finished", "finished.tar.gz"])
def test_a_finished_marker_or_archive_is_enough(job, marker):
    put(job, marker, "error.one.1", "hold")
    assert st.job_state(job, Knowing()) == st.FINISHED


def test_a_job_behind_a_symbolic_link_counts(base, job):
    put(job, "finished")
    os.rename(job._sis_path(), base / "elsewhere")
    os.symlink(base / "elsewhere", job._sis_path())
    assert st.job_state(job, Knowing()) == st.FINISHED


def test_hold(job):
    put(job, "hold")
    assert st.job_state(job, Knowing()) == st.HOLD
    os.remove(Path(job._sis_path()) / "hold")
    assert st.job_state(job.hold(), Knowing()) == st.HOLD


def test_tries_keep_the_logs_of_failures():
    job = made(tries=3)
    task = job._sis_task_list()[0]
    for number in (1, 2):
        put(job, "log.one.1", "error.one.1", text=f"try {number}")
        assert not st.retry_failed(task, Knowing(one_1=st.RUNNING))
        assert st.retry_failed(task, Knowing())
        assert (Path(job._sis_path()) / f"log.one.1.error.0{number}").read_text() == f"try {number}"
        assert st.task_id_state(task, 1, Knowing()) == st.RUNNABLE
    put(job, "log.one.1", "error.one.1")
    assert not st.retry_failed(task, Knowing())
    assert st.task_state(task, Knowing()) == st.ERROR


def test_a_stopped_submission_is_taken_back(job):
    task = job._sis_task_list()[0]
    rqmt = {"cpu": 1, "mem": 2.0, "time": 1}
    submit_log.append(task, [1, 2], rqmt, "local", "here")
    submit_log.append(task, [2], rqmt, "local", "here")
    submit_log.forget_last(task, 2)
    submit_log.forget_last(task, 1)
    entry = {**rqmt, "engine_info": "here", "engine_name": "local", "completed_fraction": None}
    assert submit_log.read(task, 2) == [entry] and submit_log.read(task, 1) == []
