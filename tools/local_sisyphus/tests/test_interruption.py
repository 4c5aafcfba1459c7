"""What is left after kills, full disks and second managers, and that a rerun ends in the same bytes."""

import contextlib
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

both = pytest.mark.parametrize("project", ["cold", "warm"], indirect=True)


@both
@pytest.mark.parametrize(
    "signal_number, graph", [(signal.SIGINT, "waits"), (signal.SIGTERM, "waits"), (signal.SIGTERM, "waits_detached")]
)
def test_stopping_the_manager_stops_its_tasks(project, signal_number, graph):
    """Also a child process that has left the session of its task."""
    manager = project.start("manager", "-r", f"config/graphs.{graph}")
    pids = project.started_task()
    manager.send_signal(signal_number)
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 1
    assert not any(map(project.is_alive, pids))
    job = project.job("Wait")
    assert not (job / "finished.run.1").exists() and not (job / "error.run.1").exists()
    assert (job / "submit_log.run").read_text() == ""

    (project.folder / "go").touch()
    assert project.sis("manager", "-r", f"config/graphs.{graph}").returncode == 0
    assert len((job / "output/starts.txt").read_text().split()) == 2


@both
def test_a_killed_manager_leaves_its_tasks_to_the_next(project):
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, _ = project.started_task()
    manager.kill()
    manager.communicate()
    assert project.is_alive(worker)

    following = project.start("manager", "-r", "config/graphs.waits")
    line = iter(following.stdout)
    assert any("started: " in text for text in line)
    (project.folder / "go").touch()
    output, _ = following.communicate(timeout=300)
    assert following.returncode == 0, output
    assert (project.job("Wait") / "output/starts.txt").read_text() == f"{worker}\n"


@both
def test_a_killed_group_is_an_interruption(project):
    manager = project.start("manager", "-r", "config/graphs.waits_without_resume")
    worker, _ = project.started_task()
    os.killpg(os.getpgid(worker), signal.SIGKILL)
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 1
    assert "1 interrupted_not_resumable" in output
    (project.folder / "go").touch()
    assert project.sis("manager", "-r", "config/graphs.waits_without_resume").returncode == 1
    assert project.sis("manager", "-r", "-cio", "config/graphs.waits_without_resume").returncode == 0


@both
def test_a_second_manager_is_refused_by_name(project):
    """And the first one listens nowhere: neither it nor its tasks have a socket."""
    manager = project.start("manager", "-r", "config/graphs.waits")
    project.started_task()
    second = project.sis("manager", "-r", "config/graphs.waits")
    assert second.returncode == 1
    assert f"process {manager.pid} on {os.uname().nodename} since " in second.stderr
    assert sockets_of(manager.pid, *project.started_task()) == []
    status = project.sis("status", "config/graphs.waits")
    assert "running: Job<work/demo/Wait." in status.stdout
    assert " waits for demo/Wait." in status.stdout and "(running)" in status.stdout
    (project.folder / "go").touch()
    manager.communicate(timeout=300)
    assert manager.returncode == 0


def sockets_of(*pids: int) -> list[str]:
    links = [os.readlink(link) for pid in pids for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()]
    return [target for target in links if target.startswith("socket:")]


def counting(project) -> list[Path]:
    """The work folders of the two counting jobs, once both have taken some steps."""
    folders = project.wait_until(
        lambda: len(found := list(project.folder.glob("work/demo/Count.*/work/state"))) == 2 and found
    )
    return [path.parent for path in folders]


def worker_of(folder: Path) -> int:
    return int((folder / "starts").read_text().split()[-1])


@both
@pytest.mark.parametrize("killed", ["worker", "group", "manager", "all"])
def test_a_rerun_after_a_kill_ends_in_the_same_bytes(project, killed):
    draw = random.Random(killed)
    manager = project.start("manager", "-r", "config/graphs.counts")
    folders = counting(project)
    time.sleep(draw.uniform(0, 0.6))
    victim = worker_of(folders[0])
    if killed in ("manager", "all"):
        manager.kill()
    if killed in ("worker", "all"):
        os.kill(victim, signal.SIGKILL)
    if killed == "group":
        os.killpg(os.getpgid(victim), signal.SIGKILL)
    output, _ = manager.communicate(timeout=300)
    if killed in ("manager", "all"):
        assert project.sis("manager", "-r", "config/graphs.counts").returncode == 0
    else:
        assert manager.returncode == 0, output  # it has started the killed task again by itself
    assert project.text("output/counted.txt") == " ".join(map(digest_of_counting, "ab")) + "\n"
    starts = [len((folder / "starts").read_text().split()) for folder in folders]
    assert starts == [1 if killed == "manager" else 2, 1]
    assert project.sis("verify").returncode == 0


def digest_of_counting(name: str, steps: int = 40) -> str:
    digest = name
    for number in range(steps):
        digest = hashlib.sha256(f"{digest} {number}".encode()).hexdigest()
    return digest


def lose_the_machine(project, manager) -> None:
    """Kill the manager, its workers and their shells as if at one moment: nobody sees the others die."""
    manager.send_signal(signal.SIGSTOP)
    leaders = sessions_in(project)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for leader in leaders:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(leader, number)
    manager.kill()
    manager.communicate()
    project.wait_until(lambda: not sessions_in(project))


def sessions_in(project) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            pid = int(process.name) if process.name.isdigit() else 0
            if (
                pid
                and os.readlink(process / "cwd") == str(project.folder)
                and os.getsid(pid) == pid
                and project.is_alive(pid)
            ):
                found.append(pid)
    return found


def test_a_machine_that_is_lost_twelve_times_only_costs_time(project):
    """At random moments, in two jobs that run at once; the same command goes on each time."""
    draw = random.Random(12)
    for _ in range(12):
        manager = project.start("manager", "-r", "config.graphs.counts(150)")
        time.sleep(draw.uniform(0.2, 0.9))
        lose_the_machine(project, manager)
    result = project.sis("manager", "-r", "config.graphs.counts(150)")
    assert result.returncode == 0, result.stdout
    assert project.text("output/counted.txt") == " ".join(digest_of_counting(name, 150) for name in "ab") + "\n"
    assert project.sis("verify").returncode == 0


def test_losses_of_the_machine_do_not_count_even_where_a_job_gets_no_further(project):
    for number in range(5):
        manager = project.start("manager", "-r", "config/graphs.waits")
        starts = project.wait_until(lambda: next((project.folder / "work/demo").glob("Wait.*/output/starts.txt"), None))
        project.wait_until(lambda: len(starts.read_text().split()) == number + 1)  # noqa: B023
        lose_the_machine(project, manager)
    (project.folder / "go").touch()
    result = project.sis("manager", "-r", "config/graphs.waits")
    assert result.returncode == 0, result.stdout
    assert "lost with its machine (5 so far, not counted), submitting again: " in result.stdout


@both
def test_a_shutdown_that_asks_everybody_to_end_does_not_count(project):
    """As a machine does, or the end of a container: SIGTERM to workers, their shells and the manager alike."""
    for number in range(4):
        manager = project.start("manager", "-r", "config/graphs.waits")
        starts = project.wait_until(lambda: next((project.folder / "work/demo").glob("Wait.*/output/starts.txt"), None))
        project.wait_until(lambda: len(starts.read_text().split()) == number + 1)  # noqa: B023
        worker = int(starts.read_text().split()[-1])
        for pid in random.Random(number).sample([worker, os.getsid(worker), manager.pid], 3):
            os.kill(pid, signal.SIGTERM)
        assert manager.wait(300) == 1
    (project.folder / "go").touch()
    assert project.sis("manager", "-r", "config/graphs.waits").returncode == 0
    assert "interrupted" not in (project.job("Wait") / "tries.run.1").read_text()


def test_a_job_that_gets_further_each_time_may_be_killed_more_often(project):
    result = project.sis("manager", "-r", "config.graphs.fails('group killed on the way')")
    assert result.returncode == 0, result.stdout
    assert result.stdout.count("interrupted, submitting again: ") == 6


@both
def test_nothing_outlives_a_worker_that_is_killed_alone(project):
    """Its child would go on writing while the second attempt runs."""
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, child = project.started_task()
    os.kill(worker, signal.SIGKILL)
    project.wait_until(lambda: not project.is_alive(child))
    starts = project.job("Wait") / "output/starts.txt"
    project.wait_until(lambda: len(starts.read_text().split()) == 2)
    (project.folder / "go").touch()
    manager.communicate(timeout=300)
    assert manager.returncode == 0


@both
@pytest.mark.parametrize("manager_too", [False, True])
def test_a_worker_whose_shell_is_killed_alone_has_no_second_one_beside_it(project, manager_too):
    """The manager that sees it ends what is left and counts an interruption; a next manager adopts the worker."""
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, _ = project.started_task()
    starts = project.job("Wait") / "output/starts.txt"
    if manager_too:
        manager.kill()
        manager.communicate()
        os.kill(os.getsid(worker), signal.SIGKILL)
        manager = project.start("manager", "-r", "config/graphs.waits")
        assert any("started: " in line for line in iter(manager.stdout.readline, ""))
    else:
        os.kill(os.getsid(worker), signal.SIGKILL)
        project.wait_until(lambda: len(starts.read_text().split()) == 2)
        assert not project.is_alive(worker)
    (project.folder / "go").touch()
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 0, output
    assert len(starts.read_text().split()) == 2 - manager_too


def test_a_lock_without_a_holder_does_not_refuse(project):
    """As after kill -9 or a reboot: the process it names is gone, or is another one by now."""
    (project.folder / "work").mkdir()
    holder = {"pid": os.getpid(), "host": os.uname().nodename, "since": "2020-01-01 00:00:00"}
    (project.folder / "work/.manager.lock").write_text(json.dumps(holder))
    assert project.sis("manager", "-r", "config/graphs.half").returncode == 0


def test_a_write_to_a_full_device_fails_the_job_in_one_sentence(project):
    result = project.sis("manager", "-r", "config.graphs.fails('full disk')")
    assert result.returncode == 1
    assert result.stdout.count("FAILED: OSError: [Errno 28] No space left on device") == 1
    assert not list(project.job("Fail").glob("finished*")) and not (project.job("Fail") / "manifest").exists()


CAN_MOUNT = not subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode
ON_A_SMALL_DISK = """
set -e; mount -t tmpfs -o size=4m none "$1"; cp -r "$2/." "$1"; cd "$1"; shift 2
"$@" 2>&1 || echo "exit $?"
rm work/demo/Fill.*/output/big; truncate -s 0 recipe/limit
"$@" -ro 2>&1 || echo "exit $?"
"""


@pytest.mark.skipif(not CAN_MOUNT, reason="no small disk can be mounted here (unshare -rm)")
def test_a_full_disk_leaves_no_finished_marker_and_one_message(project, tmp_path):
    (tmp_path / "disk").mkdir()
    (project.folder / "recipe/limit").write_bytes(bytes(1000))
    command = project.command("manager", "-r", "config/graphs.fills")
    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", ON_A_SMALL_DISK, "sh", tmp_path / "disk", project.folder, *command],
        env={**project.environment(), "SIS_MINIMUM_FREE_DISK_MB": "0.1"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    full, again = result.stdout.split("exit 1\n")
    assert re.search(r"FAILED: the disk is full \(0.\d MB free\): ", full), full
    assert full.count("DISK FULL: 0.") == 1 and "finished" not in full
    assert "2/2 jobs done" in again, again
