"""Tasks that are forked from a process with their modules: they are, and nobody can tell from what they leave."""

import ast
from pathlib import Path

import pytest

warm = pytest.mark.parametrize("project", ["warm"], indirect=True)


def command_line(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")


@warm
def test_a_task_is_a_fork_that_shows_its_own_command_line_in_a_session_of_its_own(project):
    manager = project.start("manager", "-r", "config/graphs.waits")
    worker, _ = project.started_task()
    fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
    parent, session = int(fields[1]), int(fields[3])
    job = project.job("Wait")
    assert session == parent != worker
    for pid in (worker, parent):
        shown = command_line(pid)
        assert shown[-3:] == [f"work/demo/{job.name}", "run", "1"] and shown[-4] == "worker"
    forking = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
    assert "warm" in command_line(forking)
    status = project.sis("status", "config/graphs.waits")
    assert "running: Job<work/demo/Wait." in status.stdout
    (project.folder / "go").touch()
    output, _ = manager.communicate(timeout=300)
    assert manager.returncode == 0, output
    project.wait_until(lambda: not project.is_alive(forking))
    usage = ast.literal_eval((job / "usage.run.1").read_text())
    assert usage["pid"] == worker and usage["max"]["rss"] > 0


@pytest.mark.parametrize("project", ["cold", "warm"], indirect=True)
@pytest.mark.parametrize(
    "kind, told, end, starts",
    [
        ("killed", "the worker was killed by SIGKILL, perhaps because memory ran out", "died with status 137", 4),
        ("exception", "KeyError: 'missing key'", "KeyError: 'missing key'", 1),
    ],
)
def test_failures_are_told_alike(project, kind, told, end, starts):
    result = project.sis("manager", "-r", f"config.graphs.fails({kind!r})")
    assert result.returncode == 1 and told in result.stdout, result.stdout
    log = (project.job("Fail") / "log.run.1").read_text()
    assert log.rstrip().endswith(end) and log.count(" start demo/Fail.") == starts


@warm
def test_tasks_start_in_the_usual_way_when_the_modules_cannot_be_imported(project, monkeypatch):
    usual = project.environment()
    monkeypatch.setattr(project, "environment", lambda: {**usual, "SIS_WARM_MODULES": "['no such module']"})
    work = project.finished("config/graphs.whole")
    assert sorted(path.name.split(".")[0] for path in (work / "demo").iterdir()) == ["Join"] * 2 + ["Write"] * 3


@warm
def test_a_graph_of_forked_tasks_ends_in_the_same_files(project, tmp_path):
    work = project.finished("config/graphs.whole")
    assert project.text("output/joined/second.txt") == "a bb c 1 2 1 a\n"
    assert project.sis("verify").returncode == 0
    assert len(list(work.glob("demo/*/finished"))) == 5
