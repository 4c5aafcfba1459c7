import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recipe.report.bootstrap import Bootstrap

from memristor_sim.hardware import physical
from recipe.report.results import Results
from recipe.scoring.wer import resampled_wers
from recipe.systems import Memristor, Ptq, Qat


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


def difference(worse, better, seed):
    return Bootstrap(Results([*worse, *better]), seed).difference(worse, better)


def test_difference_is_antisymmetric_repeatable_and_near_the_normal_theory(scored):
    worse, better = Results.load([scored(Ptq(3), 12.0), scored(Qat(3), 8.0)]).results
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


def test_devices_that_differ_widen_intervals(scored):
    digital, good, bad = Results.load([scored(Qat(4), 8.0), scored(Qat(5), 8.0), scored(Qat(6), 16.0)]).results
    _, (low, high) = difference([good, bad], [digital], seed=0)
    _, (low_same, high_same) = difference([bad, bad], [digital], seed=0)
    assert high - low > high_same - low_same
    bootstrap = Bootstrap(Results([digital, good, bad]), 0)
    low, high = bootstrap.interval([good, bad])
    low_same, high_same = bootstrap.interval([bad, bad])
    assert low < (good.wer_percent + bad.wer_percent) / 2 < high
    assert high - low > high_same - low_same


def test_the_same_devices_on_both_sides_are_compared_as_pairs(scored):
    wers = {seed: 8.0 + 4 * seed for seed in range(4)}
    rows = {
        scales: [scored(Memristor(4, seed, physical()), wer + gain, scales=scales) for seed, wer in wers.items()]
        for scales, gain in (("tuned", 0.0), ("fixed", 0.5))
    }
    results = Results.load([*rows["tuned"], *rows["fixed"]])
    tuned, fixed = (results.devices("4", "physical", "dev", scales) for scales in rows)
    _, (low, high) = Bootstrap(results, 0).difference(fixed, tuned)
    _, (low_unpaired, high_unpaired) = Bootstrap(results, 0).difference(fixed, tuned[::-1])
    assert high - low < 0.7 * (high_unpaired - low_unpaired)
