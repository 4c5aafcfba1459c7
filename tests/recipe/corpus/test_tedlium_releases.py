"""Releases 1 and 3 of TED-LIUM in their real layout, on stand-ins."""

from dataclasses import replace
from pathlib import Path

import pytest

from recipe.corpus.jobs import CheckCountsJob
from recipe.corpus.segmentation import segment_part
from recipe.corpus.tedlium1 import RELEASE1_COUNTS, TedliumRelease1
from recipe.corpus.tedlium3 import LEGACY_COUNTS, TedliumRelease3
from recipe.errors import InputError
from tests.recipe.corpus.stand_ins import tedlium1, tedlium3


def text_of(corpus, part, tmp_path):
    """What the segment job of a part writes."""
    job = corpus.prepare().parts[part].text.creator
    outputs = [str(tmp_path / name) for name in ("s.xml.gz", "t.txt", "r.stm", "s.json")]
    segment_part(Path(job.root.get_path()), part, job.padding, job.rules, *outputs)
    return Path(outputs[1]).read_text()


def test_release_1_has_markers_and_keys_of_lines(tmp_path):
    corpus = TedliumRelease1(root=str(tedlium1(tmp_path / "one")), expected=None)
    assert text_of(corpus, "train", tmp_path) == text_of(corpus, "dev", tmp_path) == "but i was unqualified for this\n"


def test_release_1_has_no_lm_texts_and_a_dictionary_of_its_own(tmp_path):
    prepared = TedliumRelease1(root=str(tedlium1(tmp_path)), expected=None).prepare()
    assert prepared.lm_texts.all == () and dict(prepared.lm_texts.by_name) == {}
    assert prepared.dictionary.creator.dictionary.get_path() == str(tmp_path / "TEDLIUM.150K.dic")
    (tmp_path / "TEDLIUM.150K.dic").unlink()
    with pytest.raises(InputError, match="TEDLIUM.150K.dic is not there; unpack the archive of release 1"):
        TedliumRelease1(root=str(tmp_path)).prepare()


@pytest.mark.parametrize(
    ("distribution", "text"), [("legacy", "it 's a new day\n"), ("speaker-adaptation", "we 're all here\n")]
)
def test_release_3_has_two_distributions(tmp_path, distribution, text):
    corpus = TedliumRelease3(root=str(tedlium3(tmp_path / "three")), distribution=distribution, expected=None)
    prepared = corpus.prepare()
    assert prepared.root.get_path() == str(tmp_path / "three" / distribution)
    assert prepared.dictionary.get_path() == str(tmp_path / "three")
    assert list(prepared.lm_texts.by_name) == ["news"]
    assert text_of(corpus, "train", tmp_path) == text_of(corpus, "test", tmp_path) == text
    assert corpus.hours("dev") == pytest.approx(3 / 3600)


def test_counts_are_demanded_where_they_are_published(tmp_path):
    tedlium3(tmp_path)

    def checks(corpus):
        return [type(part.segments.creator) is CheckCountsJob for part in corpus.prepare().parts.values()]

    assert all(checks(TedliumRelease3(root=str(tmp_path))))
    assert not any(checks(TedliumRelease3(root=str(tmp_path), distribution="speaker-adaptation")))
    assert LEGACY_COUNTS.of("train").segments == 268_263 and RELEASE1_COUNTS.of("train").recordings == 774
    assert all(checks(TedliumRelease1())) and all(checks(TedliumRelease3()))


def test_the_distributions_share_one_download():
    roots = [TedliumRelease3(distribution=name).directory() for name in ("legacy", "speaker-adaptation")]
    assert roots[0] == roots[1]
    with pytest.raises(InputError, match="distribution is 'new'; give 'legacy' or 'speaker-adaptation'"):
        TedliumRelease3(distribution="new")


def test_a_directory_with_an_identity_may_move(tmp_path):
    def ids(place):
        return [part.text.creator.job_id() for part in replace(named, root=str(place)).prepare().parts.values()]

    named = TedliumRelease3(root=str(tedlium3(tmp_path / "here")), identity="release 3")
    before = ids(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert ids(tmp_path / "there") == before
