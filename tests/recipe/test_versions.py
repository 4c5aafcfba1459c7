"""An upgrade of a package that decides numbers shows in the ids of exactly the jobs that depend on it."""

import ast
import importlib.metadata
import logging
import re
from pathlib import Path

import pytest
from sisyphus import Job

from recipe import versions
from recipe.lm.jobs import NgramJob
from recipe.training.jobs import ReturnnTrainingJob

ROOT = Path(__file__).resolve().parents[2]
DISTRIBUTIONS = {"flashlight": "flashlight-text", "espeakng_loader": "espeakng-loader", "jinja2": "Jinja2"}
NO_NUMBERS = {"h5py", "psutil", "matplotlib", "Jinja2"}  # containers, watching, pictures


def pins() -> dict[str, str]:
    return dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE))


@pytest.fixture
def upgraded(monkeypatch):
    """Pretend that other versions of some packages are installed than the reference."""

    def upgrade(**others: str):
        monkeypatch.setattr(
            importlib.metadata, "version", lambda package: others.get(package, versions.REFERENCE[package])
        )
        versions.installed.cache_clear()

    yield upgrade
    monkeypatch.undo()
    versions.installed.cache_clear()


def test_the_reference_versions_leave_the_ids_alone(upgraded):
    upgraded(torch="2.11.0+cpu")
    assert {versions.deciding_versions(f"recipe.{stage}.jobs") for stage in versions.DECIDING} == {None}
    assert ReturnnTrainingJob.__sis_version__ is None


def test_an_upgrade_moves_the_stages_that_compute_with_it(upgraded, caplog):
    upgraded(torch="2.12.0")
    with caplog.at_level(logging.WARNING):
        assert ReturnnTrainingJob.__sis_version__ == "torch 2.12.0"
    assert NgramJob.__sis_version__ is None
    assert Job.__sis_version__ is None
    assert len(caplog.records) == 1 and "torch 2.12.0 is installed" in caplog.text


def test_ids_move_with_the_upgrade_and_back(upgraded):
    arguments = {"text": "lm.txt.gz"}
    upgraded()
    before = NgramJob.hash(arguments), ReturnnTrainingJob.hash(arguments)
    upgraded(kenlm="0.4.0")
    after = NgramJob.hash(arguments), ReturnnTrainingJob.hash(arguments)
    assert after[0] != before[0] and after[1] == before[1]
    upgraded()
    assert (NgramJob.hash(arguments), ReturnnTrainingJob.hash(arguments)) == before


def test_a_package_that_is_not_installed_does_not_count(monkeypatch):
    def missing(package):
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    versions.installed.cache_clear()
    assert ReturnnTrainingJob.__sis_version__ is None
    monkeypatch.undo()
    versions.installed.cache_clear()


def imported_packages(folder: Path) -> set[str]:
    """Pinned distributions that the modules of a folder import anywhere."""
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names |= {module.split(".")[0] for module in modules}
    return {DISTRIBUTIONS.get(name, name) for name in names} & set(pins())


@pytest.mark.parametrize("stage", sorted(versions.DECIDING))
def test_every_imported_package_counts(stage):
    assert imported_packages(ROOT / "recipe" / stage) - NO_NUMBERS <= set(versions.DECIDING[stage])
    assert set(versions.DECIDING[stage]) <= set(versions.REFERENCE) <= set(pins())


def test_all_stages_are_covered():
    stages = {
        path.parent.name
        for path in (ROOT / "recipe").glob("*/*.py")
        if re.search(r"\((Recipe|Short)Job\)", path.read_text())
    }
    assert stages - {"report"} == set(versions.DECIDING)
