"""A small graph under a real SLURM and the real Sisyphus, where both are at hand (see docs/cluster.md)."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 600
QUICK = {
    "WAIT_PERIOD_JOB_FS_SYNC": 1,
    "WAIT_PERIOD_JOB_CLEANUP": 1,
    "WAIT_PERIOD_BETWEEN_CHECKS": 2,
    "WAIT_PERIOD_CACHE": 1,
    "WAIT_PERIOD_MTIME_OF_INPUTS": 0,
}
JOBS = """
import os
import time
from sisyphus import Job, Task

class Wish(Job):
    def __init__(self, number, rqmt, mini_task=False):
        self.number, self.rqmt, self.mini_task = number, rqmt, mini_task
        self.outs = [self.output_path(f"part.{part}") for part in range(2)]

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt, mini_task=self.mini_task, args=range(2))

    def run(self, part):
        with open(self.outs[part], "w") as file:
            file.write(f"{self.number} {part}")

class Large(Wish):
    pass

class Long(Job):
    '''Is interrupted once: ends only after its second start.'''

    def __init__(self, inputs):
        self.inputs = inputs
        self.out = self.output_path("all")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 1, "time": 1})

    def run(self):
        with open("starts", "a") as file:
            file.write(f"{os.environ.get('CUDA_VISIBLE_DEVICES', '')}\\n")
        with open("starts") as file:
            while len(file.readlines()) < 2:
                file.seek(0)
                time.sleep(1)
        with open(self.out, "w") as file:
            file.writelines(open(path.get_path()).read() for path in self.inputs)
"""
GRAPH = """
from sisyphus import tk
from recipe.wishes import Large, Long, Wish

def half():
    first = Wish(1, {"cpu": 1, "mem": 1, "time": 1})
    tk.register_output("first", first.outs[0])
    return first

def whole():
    jobs = [half(), Wish(2, {"cpu": 1, "mem": 1, "time": 1}, mini_task=True), Large(3, {"cpu": 1, "mem": 1, "time": 1})]
    tk.register_output("all", Long([out for job in jobs for out in job.outs]).out)
"""


def runs(*command: str, **environment: str) -> bool:
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)
    return done.returncode == 0


def missing() -> str:
    """What this machine lacks for the test."""
    if shutil.which("sbatch") is None or not runs("sinfo"):
        return "no SLURM here"
    there = runs(sys.executable, str(ROOT / "sis"), "manager", "--help", SISYPHUS_CHOICE="installed")
    return "" if there else "the real Sisyphus is not installed"


LACKING = missing()
pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING)


def workplace(folder: Path) -> Path:
    for name in ("config", "recipe", "work"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "recipe" / "wishes.py").write_text(JOBS)
    (folder / "config" / "graph.py").write_text(GRAPH)
    for name in ("settings.py", "tools"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def start(base: Path, config: str, choice: str, engine: str) -> subprocess.Popen:
    environment = {f"SIS_{name}": str(value) for name, value in QUICK.items()}
    environment |= {"SISYPHUS_CHOICE": choice, "SIS_ENGINE": engine}
    command = [sys.executable, str(ROOT / "sis"), "manager", "-r", f"config/graph.{config}"]
    with open(base / "manager.log", "a") as log:
        return subprocess.Popen(
            command, cwd=base, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def until(condition, base: Path) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, (base / "manager.log").read_text()[-3000:]
        time.sleep(1)


def asked(base: Path, job: str) -> list[dict]:
    logs = (base / "work" / "wishes").glob(f"{job}.*/submit_log.run")
    return [ast.literal_eval(line)[1] for log in logs for line in log.read_text().splitlines()]


def test_begun_by_the_local_engine_a_graph_goes_on_under_slurm_as_the_table_wants_and_survives_scancel(tmp_path):
    base = workplace(tmp_path / "slurm")
    graphics = "gpu" in subprocess.run(["sinfo", "-ho", "%G"], capture_output=True, text=True, check=True).stdout
    rows = '[all]\nsbatch_args = ["--comment=a wish"]\n[jobs."Large.*"]\nmem = 2\ntime = 0.5\n[jobs."Long.run"]\n'
    (base / "cluster.toml").write_text(rows + f"gpu = {int(graphics)}\n")
    assert start(base, "half", "bundled", "local").wait(PATIENCE_S) == 0
    before = {path: path.stat().st_mtime_ns for path in (base / "work").rglob("finished.*")}
    assert len(before) == 2

    manager = start(base, "whole", "installed", "slurm")
    try:
        until(lambda: list((base / "work" / "wishes").glob("Long.*/work/starts")), base)
        [first] = asked(base, "Long")
        ((_, number),) = first["engine_info"]
        subprocess.run(["scancel", number], check=True)
        until(lambda: (base / "output" / "all").exists(), base)
        manager.wait(PATIENCE_S)
    finally:
        manager.kill()
        manager.wait()

    assert before.items() <= {path: path.stat().st_mtime_ns for path in (base / "work").rglob("finished.*")}.items()
    [starts] = (base / "work" / "wishes").glob("Long.*/work/starts")
    lines = starts.read_text().splitlines()
    assert len(lines) == len(asked(base, "Long")) == 2
    assert all(bool(line) == graphics for line in lines)  # the GPU it was given
    [large] = asked(base, "Large")
    assert (large["mem"], large["time"], large["engine_name"]) == (2, 0.5, "slurm")
    assert large["sbatch_args"] == ["--comment=a wish"]
    assert {one["engine_name"] for one in asked(base, "Wish") if one.get("engine") == "short"} == {"local"}
    assert (base / "output" / "all").read_text() == "1 01 12 02 13 03 1"
