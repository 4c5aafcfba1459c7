"""A project directory for end-to-end runs, and a clean engine state for tests in this process."""

import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

BUNDLED = Path(__file__).resolve().parents[1]
ROOT = BUNDLED.parents[1]

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=25)
settings.load_profile("repeatable")

if find_spec("sisyphus") is None or find_spec("sisyphus.toolkit") is None:  # a package of that name may be another
    sys.path.insert(0, str(BUNDLED))
if not Path(find_spec("sisyphus").origin).is_relative_to(BUNDLED):
    collect_ignore_glob = ["test_*.py"]  # an installed Sisyphus is in use: the bundled engine is not


class Project:
    """A directory with recipe, config and settings, in which `sis` can be run."""

    def __init__(self, folder: Path, warm: bool = False):
        self.folder = folder
        self.warm = warm
        shutil.copytree(Path(__file__).parent / "project", folder)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "sis"), *arguments]

    def environment(self) -> dict[str, str]:
        warm = {"SIS_WARM_MODULES": "['decimal']", "SIS_WARM_PATIENCE": "60"} if self.warm else {}
        return {**os.environ, "SISYPHUS_CHOICE": "bundled", "SECRET": "s", "VIRTUAL_ENV": "v", **warm}

    def sis(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def python(self, program: str, *arguments: str) -> str:
        """What a program prints that imports the engine and the project's recipes."""
        environment = {**self.environment(), "PYTHONPATH": f"{BUNDLED}:{self.folder}"}
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.check_output(command, cwd=self.folder, env=environment, text=True, timeout=60)

    def finished(self, config: str) -> Path:
        """Run the graph to its end; the work directory."""
        result = self.sis("manager", "-r", config)
        assert result.returncode == 0, result.stdout + result.stderr
        return self.folder / "work"

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def job(self, name: str) -> Path:
        """The only job directory whose class has this name."""
        (folder,) = (self.folder / "work" / "demo").glob(f"{name}.????????????")
        return folder

    @staticmethod
    def wait_until(condition, seconds=120.0):
        """The first value of `condition()` that is true."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)
        return value

    @staticmethod
    def is_alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def started_task(self) -> tuple[int, int]:
        """(worker's pid, its child's pid) of the waiting job."""
        demo = self.folder / "work/demo"
        job = self.wait_until(lambda: next(iter(demo.glob("Wait.*/work/child")), None)).parent.parent
        self.wait_until(lambda: (job / "work/child").read_text())
        return int((job / "output/starts.txt").read_text().split()[-1]), int((job / "work/child").read_text())

    def jobs(self) -> list[Path]:
        return sorted((self.folder / "work").glob("demo/*"))


@pytest.fixture
def project(tmp_path, request):
    """Where tasks are started one by one; with the parameter `warm`, forked from a process that has begun before."""
    warm = getattr(request, "param", "cold") == "warm"
    return Project(tmp_path / 'it\'s a "$project"; grün', warm)  # no shell string is built from it


@pytest.fixture
def base(tmp_path, monkeypatch):
    """An empty base directory, no jobs and no targets."""
    from sisyphus import global_settings as gs
    from sisyphus import identity
    from sisyphus.graph import graph

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gs, "BASE_DIR", str(tmp_path))
    for name, value in vars(type(graph)()).items():
        monkeypatch.setattr(graph, name, value)
    jobs = dict(identity.created_jobs)
    identity.created_jobs.clear()
    yield tmp_path
    identity.created_jobs.clear()
    identity.created_jobs.update(jobs)
