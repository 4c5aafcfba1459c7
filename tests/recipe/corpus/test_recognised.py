"""The layout of a directory is recognised, and the environment may name one."""

import pytest

from recipe.corpus.kaldi import KaldiCorpus
from recipe.corpus.librispeech import LibriSpeech, MiniLibriSpeech
from recipe.corpus.mini.config import tiny_corpus
from recipe.corpus.recognised import VARIABLES, corpus_of_environment, recognised
from recipe.corpus.tedlium import TedliumDirectory
from recipe.corpus.tedlium1 import TedliumRelease1
from recipe.corpus.tedlium3 import TedliumRelease3
from recipe.errors import InputError
from tests.recipe.corpus.stand_ins import kaldi_set, librispeech_subset, tedlium1, tedlium3

SPEAKERS = [f"s{number}" for number in range(5)]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def subsets(root, *names):
    for name in names:
        librispeech_subset(root, name)
    return root


MADE = {
    KaldiCorpus: lambda root: kaldi_set(root, SPEAKERS),
    LibriSpeech: lambda root: subsets(root / "LibriSpeech", "train-clean-100", "dev-clean", "test-clean").parent,
    MiniLibriSpeech: lambda root: subsets(root / "LibriSpeech", "train-clean-5", "dev-clean-2").parent,
    TedliumRelease1: tedlium1,
    TedliumRelease3: tedlium3,
}


@pytest.mark.parametrize("kind", MADE)
def test_a_layout_is_recognised_and_gives_a_corpus(tmp_path, kind, monkeypatch):
    root = MADE[kind](tmp_path)
    corpus = recognised(root)
    assert type(corpus) is kind
    assert corpus.expected is None  # a selection of a corpus is a corpus
    prepared = corpus.prepare()
    assert all(corpus.hours(part) > 0 for part in prepared.roles)
    monkeypatch.setenv("CORPUS", str(root))
    assert corpus_of_environment(tiny_corpus()) == corpus


def test_release_2_and_a_kaldi_directory_of_parts_are_recognised(corpus, tmp_path):
    assert recognised(corpus) == TedliumDirectory(root=str(corpus))
    kaldi_set(tmp_path / "data" / "train", SPEAKERS)
    assert recognised(tmp_path / "data") == KaldiCorpus(root=str(tmp_path / "data"))
    inner = subsets(tmp_path / "LibriSpeech", "train-clean-360", "dev-other", "test-other")
    found = recognised(inner)
    assert (found.train_subsets, found.dev_subset, found.test_subsets) == (
        ("train-clean-360",),
        "dev-other",
        ("test-other",),
    )
    assert (found.dictionary, found.lm_text) == ("cmudict", False)


def test_what_has_no_layout_is_refused(tmp_path):
    with pytest.raises(InputError, match="has the layout of no corpus that is known: TED-LIUM .*wav.scp"):
        recognised(tmp_path)
    with pytest.raises(InputError, match="is not a directory; give the root of a corpus"):
        recognised(tmp_path / "gone")
    subsets(tmp_path / "LibriSpeech", "train-clean-100", "dev-clean")
    with pytest.raises(InputError, match="holds train-clean-100, dev-clean of LibriSpeech; add .* two to evaluate on"):
        recognised(tmp_path)


def test_the_environment_names_one_corpus(tmp_path, corpus, monkeypatch):
    generated = tiny_corpus()
    assert corpus_of_environment(generated) is generated
    monkeypatch.setenv("TEDLIUM_ROOT", str(corpus))
    assert corpus_of_environment(generated) == TedliumDirectory(root=str(corpus))
    monkeypatch.setenv("TEDLIUM_ROOT", str(tmp_path / "gone"))
    with pytest.raises(InputError, match="gone is not a directory; give the root of TED-LIUM release 2"):
        corpus_of_environment(generated).prepare()
    monkeypatch.setenv("LIBRISPEECH_ROOT", str(tmp_path))
    with pytest.raises(InputError, match="TEDLIUM_ROOT and LIBRISPEECH_ROOT are set; set one of them"):
        corpus_of_environment(generated)
    monkeypatch.delenv("TEDLIUM_ROOT")
    monkeypatch.setenv("LIBRISPEECH_ROOT", str(kaldi_set(tmp_path / "own", SPEAKERS)))
    with pytest.raises(InputError, match="LIBRISPEECH_ROOT names .*own, which is not LibriSpeech; set CORPUS to it"):
        corpus_of_environment(generated)
