import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.report.bootstrap import difference, resampled_wers
from recipe.report.results import load
from recipe.systems import Ptq, Qat


def test_agrees_with_gathering_drawn_utterances_one_by_one():
    words, errors = np.array([5, 9, 2, 7]), np.array([[1], [0], [2], [3]])
    generator = np.random.default_rng(5)
    drawn = generator.integers(0, 4, (20_000, 4))
    reference = 100 * errors[drawn, 0].sum(1) / words[drawn].sum(1)
    ours = resampled_wers(words, errors, seed=0)[:, 0]
    assert ours.mean() == pytest.approx(reference.mean(), rel=0.03)
    assert ours.std() == pytest.approx(reference.std(), rel=0.06)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(0, 3))
def test_systems_that_differ_by_a_constant_number_of_errors_per_word_never_cross(errors, extra):
    words = np.full(len(errors), 10)
    better = np.array(errors)
    wers = resampled_wers(words, np.column_stack([better + extra, better]), seed=1)
    assert np.allclose(wers[:, 0] - wers[:, 1], 10 * extra)


def test_difference_is_antisymmetric_repeatable_and_near_the_normal_theory(scored):
    worse, better = load(scored(Ptq(3), 12.0)), load(scored(Qat(3), 8.0))
    measured, (low, high) = difference([worse], [better], seed=3)
    assert difference([worse], [better], seed=3) == (measured, (low, high))
    reverse, (reverse_low, reverse_high) = difference([better], [worse], seed=3)
    assert (reverse, reverse_low, reverse_high) == pytest.approx((-measured, -high, -low))
    assert measured == pytest.approx(worse.wer_percent - better.wer_percent)
    # delta method: residuals of the ratio estimate, summed over independent utterances
    total = worse.words.sum()
    residuals = (worse.errors - better.errors) - measured / 100 * worse.words
    sigma = 100 * np.sqrt((residuals**2).sum()) / total
    assert high - low == pytest.approx(2 * 1.96 * sigma, rel=0.08)


def test_devices_that_differ_widen_the_interval(scored):
    digital = load(scored(Qat(4), 8.0))
    good, bad = load(scored(Qat(5), 8.0)), load(scored(Qat(6), 16.0))
    _, (low, high) = difference([good, bad], [digital], seed=0)
    _, (low_same, high_same) = difference([bad, bad], [digital], seed=0)
    assert high - low > high_same - low_same
