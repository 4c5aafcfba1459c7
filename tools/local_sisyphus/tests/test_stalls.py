"""Tasks that do nothing: seen, told, ended after a limit."""

import os
import signal
import subprocess
import sys

import pytest
from sisyphus import stalls
from sisyphus.processes import Member, Session, families, kill_session
from sisyphus.stalls import StallWatch

KEY = ("a/Job.1", "run", 1)
PERIOD_S = stalls.LOOK_PERIOD_S


def looks(monkeypatch, base, steps, periods_s=PERIOD_S):
    """What a watch finds at its last look: a step is (state, CPU seconds, new log text)."""
    log = base / "work/a/Job.1/log.run.1"
    log.parent.mkdir(parents=True, exist_ok=True)
    watch, found = StallWatch(), {}
    for number, (state, cpu_s, text) in enumerate(steps):
        with open(log, "a") as file:
            file.write(text)
        monkeypatch.setattr(stalls, "families", lambda _: {KEY: [Member(1, "S", 1.0), Member(2, state, cpu_s)]})  # noqa: B023
        found = watch.look({KEY: None}, 1000 + number * periods_s)
    return [(stall.kind, stall.seconds) for stall in found.values()]


def test_a_stopped_task_is_told_within_three_looks_and_a_short_stop_is_not(base, monkeypatch):
    busy, stopped = ("R", 5.0, ""), ("T", 5.0, "")
    assert looks(monkeypatch, base, [busy, stopped, stopped, stopped]) == [("stopped", 3 * PERIOD_S)]
    assert looks(monkeypatch, base, [busy, stopped]) == []
    assert looks(monkeypatch, base, [stopped, stopped, busy]) == []


def test_waiting_for_a_disk_counts_without_cpu_time_only(base, monkeypatch):
    assert looks(monkeypatch, base, [("D", 1.0, "")] * 4) == [("blocked", 3 * PERIOD_S)]
    assert looks(monkeypatch, base, [("D", float(number), "") for number in range(10)]) == []


@pytest.mark.parametrize(
    "step, told",
    [
        (lambda number: ("S", 0.01 * number, ""), [("silent", 700.0)]),  # what measuring itself takes
        (lambda number: ("S", 1.0 * number, ""), []),
        (lambda number: ("S", 0.0, "x" if number == 50 else ""), []),
    ],
)
def test_a_silent_task_has_neither_cpu_time_nor_output(base, monkeypatch, step, told):
    assert looks(monkeypatch, base, map(step, range(71))) == told


def test_time_in_which_nobody_looked_does_not_count(base, monkeypatch):
    """The manager was stopped as well, or the whole machine."""
    assert looks(monkeypatch, base, [("T", 1.0, "")] * 3, periods_s=7200) == [("stopped", 4 * PERIOD_S)]


def test_states_of_real_processes_and_an_end_that_needs_no_consent(project):
    program = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'], start_new_session=True)"
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, start_new_session=True)
    sessions = {KEY: Session(child.pid, child)}
    grandchild = project.wait_until(lambda: [one.pid for one in families(sessions)[KEY] if one.pid != child.pid])[0]
    os.kill(grandchild, signal.SIGSTOP)
    project.wait_until(lambda: "T" in [one.state for one in families(sessions)[KEY]])
    assert stalls.stopped_now(sessions)[KEY].pid == grandchild
    kill_session(sessions[KEY])
    assert child.wait(60) == -signal.SIGKILL
    project.wait_until(lambda: families({KEY: Session(grandchild)}) == {})


QUICK = """
import sisyphus.localengine, sisyphus.stalls
sisyphus.localengine.LOOK_PERIOD_S = sisyphus.stalls.LOOK_PERIOD_S = 0.2
sisyphus.stalls._STOPPED_TOLD_S = 0.5
"""


def looks_often(project, settings=""):
    path = project.folder / "settings.py"
    text = path.read_text().replace("def engine():", "def engine():" + QUICK.replace("\n", "\n    "))
    path.write_text(text + settings)


def test_a_stopped_worker_is_told_by_manager_and_status_until_it_goes_on(project):
    looks_often(project)
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, _ = project.started_task()
    os.kill(worker, signal.SIGSTOP)
    note = project.wait_until(lambda: next(project.job("Wait").glob("stalled.run.1"), None))
    assert f"`kill -CONT {worker}`" in project.wait_until(note.read_text)
    assert "STALLED: stopped by a signal for " in project.sis("status", "config/graphs.waits").stdout
    os.kill(worker, signal.SIGCONT)
    project.wait_until(lambda: not note.exists())
    (project.folder / "go").touch()
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 0
    assert "STALLED: stopped by a signal for " in output and "goes on: " in output and "killed" not in output


def test_status_sees_a_stopped_worker_without_a_manager(project):
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, _ = project.started_task()
    manager.kill()
    manager.communicate()
    try:
        assert "STALLED" not in project.sis("status", "config/graphs.waits").stdout
        os.kill(worker, signal.SIGSTOP)
        status = project.sis("status", "config/graphs.waits").stdout
        assert f"STALLED: stopped by a signal at this moment: `kill -CONT {worker}`" in status
    finally:
        os.killpg(os.getsid(worker), signal.SIGKILL)


def test_a_stopped_worker_is_killed_after_the_limit(project):
    looks_often(project, "\nSTALLED_TASK_LIMIT = 1\n")
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, child = project.started_task()
    os.kill(worker, signal.SIGSTOP)
    starts = project.job("Wait") / "output/starts.txt"
    project.wait_until(lambda: len(starts.read_text().split()) == 2)
    assert not project.is_alive(worker) and not project.is_alive(child)
    (project.folder / "go").touch()
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 0
    assert "killed after STALLED_TASK_LIMIT (1 s): " in output
    assert (
        '{"interrupted": "killed by the manager: stopped by a signal for 1 s'
        in (project.job("Wait") / "tries.run.1").read_text()
    )
