"""A sound corpus for the tests of this folder."""

import shutil
from pathlib import Path

import pytest

from tests.recipe.corpus_report.harness import write_corpus


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("made") / "corpus")


@pytest.fixture
def corpus(made_once, tmp_path) -> Path:
    """A new copy of the corpus, about which nothing is odd."""
    return Path(shutil.copytree(made_once, tmp_path / "corpus"))
