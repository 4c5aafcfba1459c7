"""The set-up step tells what a machine lacks in one sentence, and does nothing when nothing has changed."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The module, set up to work in an empty directory and to run nothing."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools" / "environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in module.DEFINED_BY:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "STAMP", str(tmp_path / ".venv" / "installed.sha256"))
    module.steps = []

    def record(*steps):
        module.steps += steps
        (tmp_path / ".venv").mkdir(exist_ok=True)

    module.really_run = module.run
    monkeypatch.setattr(module, "run", record)
    return module


def test_a_second_call_does_nothing_until_a_pinned_file_changes(environment):
    environment.main()
    assert len(environment.steps) == 4
    environment.main()
    assert len(environment.steps) == 4
    with open(Path(environment.ROOT) / "constraints.txt", "a") as file:
        file.write("something==1.0\n")
    environment.main()
    assert len(environment.steps) > 4


def test_one_installation_takes_every_file_of_requirements(environment):
    environment.main()
    listed = {f"requirements/{path.name}" for path in (ROOT / "requirements").glob("*.txt")}
    taken = [{argument.removeprefix("--requirement=") for argument in command} for _, command in environment.steps]
    assert sum(listed <= arguments for arguments in taken) == 1
    assert listed | {"constraints.txt"} <= set(environment.DEFINED_BY)


def test_every_requirement_and_what_it_brings_along_is_pinned_once():
    files = [*(ROOT / "requirements").glob("*.txt"), ROOT / "constraints.txt"]
    lines = [line.partition("#")[0].strip() for file in files for line in file.read_text().splitlines()]
    pins = [re.fullmatch(r"([\w.-]+)==[\w.]+", line) for line in lines if line]
    assert all(pins)
    names = [re.sub("[-_.]+", "-", pin[1].lower()) for pin in pins]
    assert len(names) == len(set(names))


def test_a_step_that_fails_leaves_no_stamp(environment, monkeypatch):
    def fail(*steps):
        environment.stop("that step failed")

    monkeypatch.setattr(environment, "run", fail)
    with pytest.raises(SystemExit):
        environment.main()
    assert environment.installed() is None


def test_of_steps_side_by_side_the_failed_ones_are_named(environment, tmp_path):
    touch = [sys.executable, "-c", "open('done', 'w')"]
    fail = [sys.executable, "-c", "raise SystemExit(3)"]
    with pytest.raises(SystemExit, match=r"the step was: second and: third\)"):
        environment.really_run(("first", touch), ("second", fail), ("third", fail))
    assert (tmp_path / "done").exists()


def test_a_wrong_python_is_one_sentence(environment, monkeypatch):
    monkeypatch.setattr(environment, "version_of", lambda python: "3.9")
    with pytest.raises(SystemExit, match="Python 3.11 or 3.12 is needed, this is"):
        environment.main()


def test_a_missing_compiler_is_one_sentence(environment, monkeypatch):
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="no C\\+\\+ compiler found"):
        environment.main()


def test_too_little_disk_is_one_sentence(environment, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=int(1.5e9))
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SystemExit, match="1.5 GB of disk are free .* 9 GB are needed"):
        environment.main()
