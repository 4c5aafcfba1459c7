"""Pruning against the definition worked out n-gram by n-gram on dictionaries."""

import math
from collections import Counter

import kenlm
import pytest

from recipe.lm.arpa import write_arpa
from recipe.lm.entropy_pruning import history_shares, prune
from recipe.lm.estimate import build_binary
from recipe.lm.mixture import mix
from recipe.lm.table import NgramTable, text_probabilities

THRESHOLDS = [1e-5, 1e-4, 1e-3, 1e-2]


@pytest.fixture(scope="module")
def mixed(toy):
    return mix(toy.tables, [0.5, 0.2, 0.3])


@pytest.fixture(scope="module")
def shares(toy, mixed):
    return history_shares(mixed, toy.texts[2])


def spelled_shares(toy, order):
    """Share of the tokens that each history precedes, counted over sentences as tuples."""
    counts, tokens = Counter(), 0
    for line in open(toy.texts[2]):
        words = ["<s>", *(word if word in toy.words else "<unk>" for word in line.split()), "</s>"]
        tokens += len(words) - 1
        for end in range(1, len(words)):
            counts.update(tuple(words[start:end]) for start in range(max(0, end - order + 1), end))
    return {history: count / tokens for history, count in counts.items()}


def slow_prune(model, share, threshold):
    """Stolcke (1998): an n-gram goes if the model without it, back-off weight adapted, is hardly worse."""
    kept = dict(model.prob)
    for ngram in sorted(model.prob, key=len, reverse=True):
        history, word = ngram[:-1], ngram[-1]
        if not history or any(longer[:-1] == ngram for longer in kept):
            continue
        after = [other[-1] for other in model.prob if other[:-1] == history]
        listed = sum(model.prob[*history, w] for w in after)
        shorter = sum(model.p(w, history[1:]) for w in after)
        p, p_shorter = model.prob[ngram], model.p(word, history[1:])
        old = math.log((1 - listed) / (1 - shorter))
        new = math.log((1 - listed + p) / (1 - shorter + p_shorter))
        divergence = -share[history] * (p * (math.log(p_shorter) + new - math.log(p)) + (1 - listed) * (new - old))
        if math.expm1(divergence) < threshold:
            del kept[ngram]
    return type(model)(kept, {}, model.order).refreshed()


def test_shares_are_those_of_the_text(toy, mixed, shares):
    expected = spelled_shares(toy, mixed.order)
    ngrams = list(toy.slow(mixed).prob)
    counted = dict(zip(ngrams, [share for level in shares for share in level], strict=False))
    assert {history: share for history, share in counted.items() if share} == pytest.approx(expected)


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_what_stays_is_what_the_definition_says(toy, mixed, shares, histories, threshold):
    fast = toy.slow(prune(mixed, shares, threshold))
    slow = slow_prune(toy.slow(mixed), spelled_shares(toy, mixed.order), threshold)
    assert fast.prob.keys() == slow.prob.keys()
    assert len(toy.words) < len(fast.prob) < len(toy.slow(mixed).prob)
    for history in histories:
        assert fast.total(history) == pytest.approx(1, abs=1e-5)
        for word in toy.words:
            assert fast.p(word, history) == pytest.approx(slow.p(word, history), rel=1e-3)


def test_a_higher_threshold_keeps_less_and_fits_worse(toy, mixed, shares):
    models = [mixed, *(prune(mixed, shares, threshold) for threshold in THRESHOLDS)]
    sizes = [sum(map(len, model.levels)) for model in models]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == len(sizes)
    log_probs = [sum(map(math.log, text_probabilities(model, toy.texts[2]))) for model in models]
    assert log_probs == sorted(log_probs, reverse=True)


def test_kenlm_agrees_where_shorter_ngrams_went_before_longer_ones(toy, mixed, shares, tmp_path):
    pruned = prune(mixed, shares, 1e-3)
    ngrams = toy.slow(pruned).prob
    assert any(ngram[1:] not in ngrams for ngram in ngrams if len(ngram) > 1)
    arpa, binary = str(tmp_path / "lm.arpa"), str(tmp_path / "lm.bin")
    write_arpa(pruned, arpa)
    build_binary(arpa, binary, str(tmp_path))
    model = kenlm.Model(binary)
    expected = [10 ** score[0] for line in open(toy.texts[0]) for score in model.full_scores(line.strip())]
    assert text_probabilities(pruned, toy.texts[0]) == pytest.approx(expected, rel=1e-4)


def test_a_threshold_beyond_all_leaves_the_words(toy, mixed, shares, tmp_path):
    bare = prune(mixed, shares, 1e6)
    assert bare.order == 1
    bare.save(str(tmp_path / "model"))
    write_arpa(NgramTable.load(str(tmp_path / "model")), str(tmp_path / "lm.arpa"))
    assert "ngram 1=" in (tmp_path / "lm.arpa").read_text()
    assert text_probabilities(bare, toy.texts[0]).min() > 0
