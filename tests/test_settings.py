"""The settings of a checkout: which engine runs, and what is printed where it cannot run."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from sisyphus import localengine

from tools.cluster import read_table

ROOT = Path(__file__).resolve().parent.parent
WAITS = ("WAIT_PERIOD_JOB_FS_SYNC", "WAIT_PERIOD_MTIME_OF_INPUTS")
GRAPH = """
from sisyphus import Job, Task, tk

class Say(Job):
    def __init__(self):
        self.out = self.output_path("said")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 1, "time": 1})

    def run(self):
        with open(self.out, "w") as file:
            file.write("said")

def py():
    tk.register_output("said", Say().out)
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """The names that settings.py defines, in a directory with a table, for one value of SIS_ENGINE."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["sis", "manager"])

    def load(engine: str | None, table: str = "") -> dict:
        read_table.cache_clear()
        monkeypatch.delenv("SIS_ENGINE", raising=False)
        if engine is not None:
            monkeypatch.setenv("SIS_ENGINE", engine)
        (tmp_path / "cluster.toml").write_text(table)
        names = {}
        exec(compile((ROOT / "settings.py").read_text(), "settings.py", "exec"), names)
        return names

    yield load
    read_table.cache_clear()


def training(rqmt: dict) -> SimpleNamespace:
    job = type("ReturnnTrainingJob", (), {})()
    return SimpleNamespace(_job=job, name=lambda: "run", rqmt=lambda: rqmt)


WISH = {"cpu": 1, "mem": 4, "gpu": 0, "time": 4}
ROW = '[jobs."ReturnnTrainingJob.run"]\ngpu = 1\ntime = 2'


@pytest.mark.parametrize("chosen", [None, "local"])
def test_this_machine_runs_tasks_as_the_recipe_wishes_unless_told_otherwise(settings, chosen, monkeypatch):
    monkeypatch.setattr(localengine, "LocalEngine", dict)
    names = settings(chosen, ROW)
    machine = names["engine"]()
    assert machine["cpus"] == os.cpu_count() and machine["mem"] >= 1
    assert machine["gpus"] == len([name for name in machine["available_gpus"].split(",") if name])
    assert names["check_engine_limits"](WISH, training(WISH)) == WISH
    assert all(names[wait] == 0 for wait in WAITS)


def test_under_slurm_the_table_decides_and_a_shared_file_system_gets_its_time(settings):
    names = settings("slurm", ROW)
    assert names["check_engine_limits"](WISH, training(WISH)) == WISH | {"gpu": 1, "time": 2}
    assert not any(wait in names for wait in WAITS)


@pytest.fixture
def sis(tmp_path):
    """Runs `sis` on a graph of one job, the table in place."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").touch()
    (tmp_path / "config" / "say.py").write_text(GRAPH)
    for name in ("settings.py", "tools"):
        (tmp_path / name).symlink_to(ROOT / name)

    def run(table: str = "", packages: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
        (tmp_path / "cluster.toml").write_text(table)
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("SIS", "PYTHONPATH"))}
        command = [sys.executable, str(ROOT / "sis"), "manager", "-r", "config/say.py"]
        paths = {"PYTHONPATH": str(packages)} if packages else {}
        env = {**kept, **paths, **environment}
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)

    return run


def refusal(run: subprocess.CompletedProcess) -> str:
    """What a refused start says: one line."""
    assert run.returncode == 1 and run.stdout == "" and "Traceback" not in run.stderr
    [line] = [line for line in run.stderr.splitlines() if not line.startswith("sis: running ")]
    return line


def test_one_variable_decides_and_the_bundled_engine_says_what_slurm_needs(sis, tmp_path):
    line = refusal(sis(SIS_ENGINE="slurm", SISYPHUS_CHOICE="bundled"))
    assert line.startswith("sis: SLURM needs the real Sisyphus") and "pip install git+" in line
    assert not (tmp_path / "output" / "said").exists()
    assert sis(SISYPHUS_CHOICE="bundled").returncode == 0
    assert (tmp_path / "output" / "said").read_text() == "said"


def test_what_cannot_be_is_told_before_anything_starts(sis, tmp_path):
    assert (
        refusal(sis(SIS_ENGINE="pbs", SISYPHUS_CHOICE="bundled")) == "sis: SIS_ENGINE is 'pbs'; use 'local' or 'slurm'"
    )
    line = refusal(sis("[all]\nmems = 1", SIS_ENGINE="slurm", SISYPHUS_CHOICE="bundled"))
    assert line.startswith("sis: cluster.toml: [all] names 'mems'")
    assert not (tmp_path / "output").exists()


STAND_IN = """
import os
exec(compile(open("settings.py").read(), "settings.py", "exec"), {})
print("loaded")
"""


def test_the_manager_needs_sbatch_where_it_starts(sis, tmp_path):
    """A stand-in for the real Sisyphus, which executes the settings too."""
    packages = tmp_path / "packages"
    (packages / "sisyphus").mkdir(parents=True)
    for name, text in (("__init__", ""), ("toolkit", ""), ("job", ""), ("__main__", STAND_IN)):
        (packages / "sisyphus" / f"{name}.py").write_text(text)
    programs = tmp_path / "bin"
    programs.mkdir()
    chosen = {"SIS_ENGINE": "slurm", "SISYPHUS_CHOICE": "installed", "PATH": str(programs)}
    assert "there is no sbatch here" in refusal(sis(packages=packages, **chosen))
    (programs / "sbatch").write_text("#!/bin/sh\n")
    (programs / "sbatch").chmod(stat.S_IRWXU)
    assert sis(packages=packages, **chosen).stdout == "loaded\n"
