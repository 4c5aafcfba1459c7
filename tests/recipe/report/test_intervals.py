import numpy as np
import pytest

from memristor_sim.hardware import physical
from recipe.report.intervals import Intervals
from recipe.report.results import Results
from recipe.systems import Memristor, Ptq, Qat


def difference(worse, better, seed):
    return Intervals(Results([*worse, *better]), seed).difference(worse, better)


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
    intervals = Intervals(Results([digital, good, bad]), 0)
    low, high = intervals.of([good, bad])
    low_same, high_same = intervals.of([bad, bad])
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
    _, (low, high) = Intervals(results, 0).difference(fixed, tuned)
    _, (low_unpaired, high_unpaired) = Intervals(results, 0).difference(fixed, tuned[::-1])
    assert high - low < 0.7 * (high_unpaired - low_unpaired)


def test_one_device_of_several_is_another_row_than_all(scored):
    devices = Results.load([scored(Memristor(4, seed, physical()), 6.0 + 6 * seed) for seed in range(3)]).results
    intervals = Intervals(Results(devices), 0)
    (low, high), (low_all, high_all) = intervals.of(devices[:1]), intervals.of(devices)
    assert low < devices[0].wer_percent < high < np.mean([one.wer_percent for one in devices])
    assert low_all < devices[1].wer_percent < high_all and high_all - low_all > high - low


def test_different_devices_are_drawn_independently_even_in_equal_numbers(scored):
    """Device k of one preset has nothing to do with device k of another one, however alike their error rates are."""
    rows = {
        preset: [scored(Memristor(4, seed, physical(), preset), 4.0 + 6 * seed) for seed in range(4)]
        for preset in ("physical", "other")
    }
    results = Results.load([*rows["physical"], *rows["other"]])
    physical_row, other_row = (results.devices("4", preset, "dev", "tuned") for preset in rows)
    _, (low, high) = Intervals(results, 0).difference(physical_row, other_row)
    rates = np.array([one.wer_percent for one in physical_row])
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(2 * rates.var() / 4), rel=0.15)
