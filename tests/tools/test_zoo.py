"""The packages of the zoo: installed by digest, once, and apart from those of the environment."""

import re
from pathlib import Path

import pytest

from tests.tools.scripts import loaded

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """The tool, set up to work in an empty directory and to record what it would run."""
    module = loaded("zoo.py")
    (tmp_path / "zoo.lock").write_text("something==1.0\n")
    monkeypatch.setattr(module, "LOCK", tmp_path / "zoo.lock")
    monkeypatch.setattr(module, "PACKAGES", tmp_path / "packages")
    module.steps = []

    def record(what, *command, **variables):
        module.steps.append((command, variables))
        module.PACKAGES.mkdir(exist_ok=True)

    module.really_run = module.run
    monkeypatch.setattr(module, "run", record)
    return module


def test_packages_are_installed_by_digest_until_the_lock_changes(zoo):
    zoo.main()
    (install, _), (measure, variables) = zoo.steps
    assert "--require-hashes" in install and f"--target={zoo.PACKAGES}" in install
    assert measure[-1] == "--publish" and variables == {"PYTHONPATH": str(zoo.PACKAGES), "HF_HUB_OFFLINE": "1"}
    zoo.main()
    assert [command for command, _ in zoo.steps[2:]] == [measure]
    (zoo.PACKAGES / "old.py").touch()
    zoo.LOCK.write_text("something==1.1\n")
    zoo.main()
    assert [command for command, _ in zoo.steps[3:]] == [install, measure]
    assert not (zoo.PACKAGES / "old.py").exists()


def test_an_installation_that_fails_is_not_taken_for_done(zoo, monkeypatch):
    monkeypatch.setattr(zoo, "run", lambda what, *command, **variables: zoo.really_run(what, "false"))
    with pytest.raises(SystemExit, match="the step was: installing"):
        zoo.main()
    assert not (zoo.PACKAGES / "installed.sha256").exists()


def locked(name: str) -> dict[str, str]:
    """Entries of a lock file by the name of the package."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())
    return {re.sub("[-_.]+", "-", re.match(r"[\w.-]+", entry)[0].lower()): entry for entry in entries}


def test_the_lock_holds_what_is_pinned_with_digests_and_nothing_of_the_environment():
    pins = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements" / "zoo.txt").read_text(), re.MULTILINE))
    entries = locked("requirements/zoo.lock")
    assert pins and all(entries[name].startswith(f"{name}=={version} ") for name, version in pins.items())
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}$", entry) for entry in entries.values())
    assert not entries.keys() & locked("requirements.lock").keys()
