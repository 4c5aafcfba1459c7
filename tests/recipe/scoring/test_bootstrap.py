import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.scoring.bootstrap import Bootstrap, percentiles, resampled_wers

FEW = 1_000


def drawn(rate: float, words: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Errors of a system that gets each word wrong with this probability."""
    return generator.binomial(words, rate)


def pair(errors, others, words, seed=0) -> Bootstrap:
    return Bootstrap(words, np.column_stack([errors, others]), seed, FEW)


def test_agrees_with_gathering_drawn_utterances_one_by_one():
    words, errors = np.array([5, 9, 2, 7]), np.array([[1], [0], [2], [3]])
    generator = np.random.default_rng(5)
    indices = generator.integers(0, 4, (20_000, 4))
    reference = 100 * errors[indices, 0].sum(1) / words[indices].sum(1)
    ours = resampled_wers(words, errors, seed=0, replicates=10_000)[:, 0]
    assert ours.mean() == pytest.approx(reference.mean(), rel=0.03)
    assert ours.std() == pytest.approx(reference.std(), rel=0.06)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(0, 3))
def test_systems_that_differ_by_a_constant_number_of_errors_per_word_never_cross(errors, extra):
    words, better = np.full(len(errors), 10), np.array(errors)
    low, high = pair(better + extra, better, words, seed=1).difference([0], [1])
    assert (low, high) == pytest.approx((10 * extra, 10 * extra))


def test_replicates_without_words_have_no_rate():
    wers = resampled_wers(np.array([0, 4]), np.array([[1], [1]]), seed=0, replicates=2_000)
    assert 1_000 < len(wers) < 2_000 and np.isfinite(wers).all()


def test_percentiles_leave_out_a_fortieth_on_each_side():
    low, high = percentiles(np.arange(4001))
    assert (low, high) == (100, 3900)


def test_paired_intervals_cover_the_true_difference():
    generator = np.random.default_rng(3)
    covered = 0
    for seed in range(150):
        words = generator.integers(4, 13, 150)
        better, worse = (drawn(rate, words, generator) for rate in (0.10, 0.13))
        low, high = pair(worse, better, words, seed).difference([0], [1])
        covered += low <= 3.0 <= high
    print(f"\n95 % intervals of differences cover in {covered} of 150 draws")
    assert 0.90 <= covered / 150 <= 0.98


def test_a_system_does_not_differ_from_itself():
    words = np.full(100, 8)
    errors = drawn(0.2, words, np.random.default_rng(5))
    assert pair(errors, errors, words).difference([0], [1]) == (0.0, 0.0)


def test_pairing_sees_what_two_intervals_do_not():
    generator = np.random.default_rng(6)
    words = generator.integers(4, 13, 400)
    errors = drawn(0.2, words, generator)
    both = pair(errors + (np.arange(400) % 8 == 0), errors, words)
    low, high = both.difference([0], [1])
    assert 0 < low < 100 * 50 / words.sum() < high
    assert both.interval([1])[1] > both.interval([0])[0]  # the two intervals alone overlap


def test_devices_are_resampled_together_only_where_they_are_paired():
    words = np.full(200, 8)
    levels = np.repeat(np.array([[0, 1, 2, 3]]), 200, axis=0)
    both = Bootstrap(words, np.column_stack([levels, levels + 1]), 0, FEW)
    low, high = both.difference([4, 5, 6, 7], [0, 1, 2, 3], paired=True)
    assert (low, high) == pytest.approx((12.5, 12.5))
    low, high = both.difference([4, 5, 6, 7], [0, 1, 2, 3])
    assert low < 0 < 25 < high


def trained(generator, trainings=4, devices=3, spread=3.0, shared=None):
    """Errors [N, T * D] and the columns of each training; trainings differ by `spread` points."""
    words = np.full(300, 10)
    shifts = generator.normal(0, spread, trainings) if shared is None else shared
    errors = [generator.binomial(words, (15 + shift) / 100) for shift in shifts for _ in range(devices)]
    return words, np.column_stack(errors), [list(range(t * devices, (t + 1) * devices)) for t in range(trainings)]


def test_trainings_are_resampled_with_the_variance_that_they_have():
    words, errors, columns = trained(np.random.default_rng(8))
    rates = 100 * errors.sum(0) / words.sum()
    means = rates.reshape(4, 3).mean(1)
    resampled = Bootstrap(words, errors, 0, 8 * FEW).row(columns)
    one = Bootstrap(words, errors, 0, 8 * FEW).row([sum(columns, [])])
    assert resampled.mean() == pytest.approx(means.mean(), abs=0.1)
    assert resampled.var() == pytest.approx(means.var(ddof=1) / 4 + one.var() - rates.var() / 12, rel=0.15)


def test_a_row_of_one_training_is_as_before_and_is_widened_by_a_known_spread():
    words, errors, columns = trained(np.random.default_rng(9))
    both = Bootstrap(words, errors, 0, 8 * FEW)
    assert percentiles(both.row(columns[:1])) == both.interval(columns[0])
    assert percentiles(both.gap(columns[:1], columns[1:2])) == both.difference(columns[0], columns[1])
    plain, wide = both.row(columns[:1]), both.row(columns[:1], spread_percent=2.0)
    assert wide.var() == pytest.approx(plain.var() + 4.0, rel=0.05)
    gap = both.gap(columns[:1], columns[1:2], spread_percent=2.0)
    assert gap.var() == pytest.approx(both.gap(columns[:1], columns[1:2]).var() + 4.0, rel=0.05)


def test_trainings_of_both_sides_are_drawn_together():
    """A loss that is the same for all trainings stays sharp, however much the trainings differ."""
    shifts = np.array([-5.0, 0.0, 5.0, 9.0])
    words, errors, columns = trained(np.random.default_rng(10), devices=1, shared=shifts)
    both = Bootstrap(words, np.column_stack([errors + 1, errors]), 0, FEW)
    better = [[column + 4 for column in of_training] for of_training in columns]
    low, high = percentiles(both.gap(columns, better))
    assert (low, high) == pytest.approx((10.0, 10.0))
    low, high = percentiles(both.row(columns, 0) - both.row(better, 1))
    assert high - low > 10


def test_sides_with_trainings_of_their_own_draw_them_apart():
    words, errors, columns = trained(np.random.default_rng(11))
    both = Bootstrap(words, errors, 0, FEW)
    assert abs(np.corrcoef(both.row(columns, 0), both.row(columns, 1))[0, 1]) < 0.3
