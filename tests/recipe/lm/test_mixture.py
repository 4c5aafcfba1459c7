"""Weights and mixture against a slow model of dictionaries and against what any model must satisfy."""

import kenlm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.lm.arpa import write_arpa
from recipe.lm.estimate import build_binary
from recipe.lm.mixture import merge, mix, mixture_weights, ratio
from recipe.lm.table import NgramTable, text_probabilities

WEIGHTS = [0.5, 0.2, 0.3]


@pytest.fixture(scope="module")
def mixed(toy):
    return mix(toy.tables, WEIGHTS)


def slow_mixture(toy, tables, weights):
    slow = [toy.slow(table) for table in tables]
    ngrams = {ngram for model in slow for ngram in model.prob}
    sums = {
        ngram: sum(w * model.p(ngram[-1], ngram[:-1]) for w, model in zip(weights, slow, strict=True))
        for ngram in ngrams
    }
    return type(slow[0])(sums, {}, slow[0].order).refreshed()


@pytest.mark.parametrize("which", [(0, 1, 2), (0, 1)])
def test_the_mixture_is_what_the_definition_says(toy, histories, which):
    tables, weights = [toy.tables[i] for i in which], [WEIGHTS[i] for i in which]
    weights = (np.array(weights) / sum(weights)).tolist()
    fast, slow = toy.slow(mix(tables, weights)), slow_mixture(toy, tables, weights)
    assert fast.prob == pytest.approx(slow.prob, rel=1e-5)
    for history in histories:
        for word in toy.words:
            assert fast.p(word, history) == pytest.approx(slow.p(word, history), rel=1e-3)


def test_every_history_sums_to_one(toy, mixed, histories):
    slow = toy.slow(mixed)
    assert [slow.total(history) for history in histories] == pytest.approx([1] * len(histories), abs=1e-5)


def test_a_mixture_of_one_is_that_one(toy):
    alone = mix(toy.tables[:1], [1.0])
    for text in toy.texts:
        assert text_probabilities(alone, text) == pytest.approx(text_probabilities(toy.tables[0], text), rel=1e-3)


def test_kenlm_reads_the_written_model_and_agrees(toy, mixed, tmp_path):
    arpa, binary = str(tmp_path / "lm.arpa.gz"), str(tmp_path / "lm.bin")
    write_arpa(mixed, arpa)
    build_binary(arpa, binary, str(tmp_path))
    model = kenlm.Model(binary)
    expected = [10 ** score[0] for line in open(toy.texts[1]) for score in model.full_scores(line.strip())]
    assert text_probabilities(mixed, toy.texts[1]) == pytest.approx(expected, rel=1e-5)


def test_weights_find_the_sources_of_a_text(toy):
    probabilities = [text_probabilities(table, toy.texts[1]) for table in toy.tables[:2]]
    assert mixture_weights(probabilities)[1] > 0.9


@given(st.lists(st.tuples(*[st.floats(0.01, 1)] * 3), min_size=2, max_size=40))
def test_no_other_weights_are_more_likely(columns):
    probabilities = np.array(columns).T
    weights = mixture_weights(probabilities)
    assert weights.sum() == pytest.approx(1)
    best = np.log(weights @ probabilities).mean()
    for other in np.random.default_rng(0).dirichlet([1, 1, 1], 50):
        assert np.log(other @ probabilities).mean() <= best + 1e-4


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_merging_is_the_union(some, others):
    merged = merge(np.array(sorted(some), np.int64), np.array(sorted(others), np.int64))
    assert merged.tolist() == sorted(some | others)


def test_equal_input_gives_equal_bytes(toy, tmp_path):
    for name in ("a", "b"):
        mix(toy.tables, WEIGHTS).save(str(tmp_path / name))
    assert all(path.read_bytes() == (tmp_path / "b" / path.name).read_bytes() for path in (tmp_path / "a").iterdir())
    assert NgramTable.load(str(tmp_path / "a")).order == 3


def test_blocks_do_not_show(toy, mixed, monkeypatch):
    monkeypatch.setattr("recipe.lm.table.BLOCK", 7)
    again = mix(toy.tables, WEIGHTS)
    for one, other in zip(mixed.levels, again.levels, strict=True):
        assert one.keys.tolist() == other.keys.tolist()
        assert one.backoff == pytest.approx(other.backoff, rel=1e-4)


def test_back_off_weights_share_out_what_is_left_and_are_1_where_nothing_is():
    listed, backed_off = np.array([0.2, -1e-17, 0.5, 0.0, 0.5]), np.array([0.4, 0.1, 1e-9, -1e-17, 1.0])
    np.testing.assert_allclose(ratio(listed, backed_off), [0.5, 1e-8, 1, 1, 0.5])
