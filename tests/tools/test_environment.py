"""The set-up step says in one sentence what a machine lacks, and does nothing when nothing has changed."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.tools.scripts import loaded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """The module, set up to work in an empty directory and to run nothing."""
    module = loaded("environment.py")
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
    assert len(environment.steps) == 5
    environment.main()
    assert len(environment.steps) == 5
    with open(Path(environment.ROOT) / "requirements.lock", "a") as file:
        file.write("something==1.0\n")
    environment.main()
    assert len(environment.steps) > 5


def test_all_packages_are_installed_by_digest(environment):
    environment.main()
    commands = [command for _, command in environment.steps if "install" in command]
    assert [command[-2] for command in commands] == ["--require-hashes", "--require-hashes"]
    (cmake, everything) = [command[-1].removeprefix("--requirement=") for command in commands]
    assert everything == "requirements.lock" and everything in environment.DEFINED_BY
    lines = Path(cmake).read_text().splitlines()
    assert re.match("cmake==[0-9.]+ ", lines[0]) and all(line.startswith("    --hash=sha256:") for line in lines[1:])
    assert len(lines) > 5 and not lines[-1].endswith("\\")


FILES = [*(ROOT / "requirements" / f"{name}.txt" for name in ("run", "test", "lint")), ROOT / "constraints.txt"]


def normalised(name):
    return re.sub("[-_.]+", "-", name.lower())


def test_the_lock_holds_what_is_pinned_and_a_digest_for_each():
    pinned = {
        normalised(name): version
        for file in FILES
        for name, version in re.findall(r"^([\w.-]+)==([\w.]+)", file.read_text(), re.MULTILINE)
    }
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text().strip())
    locked = dict(re.match(r"([\w.-]+)==([\w.]+)", entry).groups() for entry in entries)
    assert {normalised(name): version for name, version in locked.items()} == pinned
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}$", entry) for entry in entries)


def test_every_requirement_and_what_it_brings_along_is_pinned_once():
    lines = [line.partition("#")[0].strip() for file in FILES for line in file.read_text().splitlines()]
    pins = [re.fullmatch(r"([\w.-]+)==[\w.]+", line) for line in lines if line]
    assert all(pins)
    names = [re.sub("[-_.]+", "-", pin[1].lower()) for pin in pins]
    assert len(names) == len(set(names))


def test_the_packages_of_the_site_are_locked_apart_with_digests():
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements" / "docs.txt").read_text(), re.MULTILINE))
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements" / "docs.lock").read_text().strip())
    locked = {normalised(re.match(r"[\w.-]+", entry)[0]): entry for entry in entries}
    assert pins and all(locked[normalised(name)].startswith(f"{name}=={pins[name]} ") for name in pins)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}$", entry) for entry in entries)
    assert not locked.keys() & {"torch", "returnn"} and "mkdocs" not in (ROOT / "requirements.lock").read_text()


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
