"""States of task ids and jobs from the files in the job directory."""

import os
import time
from pathlib import Path

import pytest
from sisyphus import Job, Task, elsewhere, gs, submit_log, tries
from sisyphus import state as st
from sisyphus.job_directory import set_up
from sisyphus.processes import boot_id, boot_time_s, pid_namespace

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


def interrupted(job, times, fraction=None):
    job.completed_fraction = lambda: fraction
    for _ in range(times):
        tries.interrupted(job._sis_task_list()[0], 1, "killed")


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
    assert state_after(job, gs.MAX_SUBMIT_RETRIES, fraction=0.5) == st.RETRY_ERROR
    st.forget_failures(job._sis_task_list()[0])
    assert state_after(job, 0, fraction=0.5) == st.RESUMABLE


def test_tries_that_nobody_saw_end_do_not_count(job):
    task = job._sis_task_list()[0]
    for _ in range(10):
        tries.started(task.path("tries", 1), {"boot_id": "one of many"})
    assert state_after(job, 1) == st.RESUMABLE
    assert tries.count_losses(task, 1) == 0  # the last try was seen to end
    tries.started(task.path("tries", 1), {"boot_id": "the last"})
    assert tries.count_losses(task, 1) == 10


def test_tries_that_failed_or_were_stopped_are_no_losses(job):
    job = made(tries=3)
    task = job._sis_task_list()[0]
    for end in (lambda: put(job, "log.one.1", "error.one.1"), lambda: tries.stopped(task, 1)):
        tries.started(task.path("tries", 1), {"boot_id": "b"})
        end()
        st.retry_failed(task, Knowing())
    tries.started(task.path("tries", 1), {"boot_id": "b"})
    assert tries.count_losses(task, 1) == 1  # the last one


def test_a_power_cut_within_a_line_loses_that_line_alone(job):
    task = job._sis_task_list()[0]
    interrupted(job, 2)
    with open(task.path("tries", 1), "ab") as file:
        file.write(b'{"interrupted": "kil\0\0\0')
    interrupted(job, 1)
    assert tries.count_interruptions(task, 1) == 3
    submit_log.append(task, [1], {"cpu": 1}, "local", "here")
    with open(task.path("submit_log"), "ab") as file:
        file.write(b"([1], {'cpu'\0\0")
    assert [entry["cpu"] for entry in submit_log.read(task, 1)] == [1]


@pytest.mark.parametrize(
    "boot, stopped, counted",
    [("the present one", False, 1), ("an earlier one", False, 0), ("the present one", True, 0)],
)
def test_a_worker_that_died_as_the_machine_was_shut_down_does_not_count(job, boot, stopped, counted, monkeypatch):
    """Its shell may have seen it die, and written that down, before it died itself."""
    monkeypatch.setattr(tries, "boot_id", lambda: "the present one")
    task = job._sis_task_list()[0]
    tries.started(task.path("tries", 1), {"boot_id": boot})
    if stopped:
        tries.stopped(task, 1)
    put(job, "log.one.1", "error.one.1", text="the worker died with status 143\n")
    assert st.retry_failed(task, Knowing())
    assert tries.count_interruptions(task, 1) == counted


def state_after(job, interruptions, fraction=None):
    put(job, "log.one.1")
    interrupted(job, interruptions, fraction)
    return st.task_id_state(job._sis_task_list()[0], 1, Knowing())


def report_of(job, **usage):
    put(job, "log.one.1")
    put(job, "usage.one.1", text=repr({"host": "elsewhere", "pid": os.getpid(), **usage}))
    return Path(job._sis_path()) / "usage.one.1"


def this_machine(**changed):
    return {"boot_id": boot_id(), "pid_namespace": pid_namespace(), "boot_time_s": boot_time_s(), **changed}


def is_running(job) -> bool:
    return st.task_id_state(job._sis_task_list()[0], 1, Knowing()) == st.RUNNING


@pytest.mark.parametrize("set_back_s", [-7200, 0, 7200])
def test_a_report_from_another_machine_has_to_change_to_count(job, monkeypatch, set_back_s):
    """Whatever time the file has: clocks differ, and are set back."""
    now_s = 1000.0
    monkeypatch.setattr(elsewhere.time, "monotonic", lambda: now_s)
    usage = report_of(job, boot_id="another machine's")
    os.utime(usage, (time.time() + set_back_s,) * 2)
    assert is_running(job)
    now_s += 60
    assert is_running(job)
    os.utime(usage, (time.time() + set_back_s + 60,) * 2)
    now_s += 60
    assert is_running(job)
    now_s += 80
    assert not is_running(job)


@pytest.mark.parametrize("name", ["elsewhere", os.uname().nodename])
def test_a_dead_task_of_this_machine_does_not_run_under_any_host_name(job, name):
    """Nor before the machine started anew, though its pid is that of a living process now, and its clock is ahead."""
    usage = report_of(job, **this_machine(host=name))
    os.utime(usage, (time.time() + 7200,) * 2)
    assert not is_running(job)
    report_of(job, host=os.uname().nodename, boot_id="an earlier one")
    assert not is_running(job)
    report_of(job, host=os.uname().nodename)  # as the real engine writes it
    assert not is_running(job)


def test_a_task_in_another_container_of_this_machine_runs_while_its_report_is_young(job):
    report_of(job, **this_machine(pid_namespace="pid:[1]"))
    assert is_running(job)
    report_of(job, **this_machine(pid_namespace="pid:[1]", boot_time_s=boot_time_s() - 100))
    assert not is_running(job)


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
