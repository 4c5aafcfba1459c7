import numpy as np
import pytest
import torch

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.cells.synaptogen.pulse_schedules import (
    conditioned,
    level_states,
    rewrite_outliers,
    write,
    written_states,
)
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from memristor_sim.components import Cycles, RandomPulses, Verify, Writing
from memristor_sim.iv import read_current
from tests.memristor_sim.reference import critical_distance, distance

PARAMETERS = Synaptogen().parameters
COUNT = 20_000


def targets(levels):
    return (torch.arange(COUNT) % levels).to(torch.uint8)


@pytest.mark.parametrize("conditioning", [Cycles(count=6), RandomPulses(count=50), RandomPulses(count=120)])
def test_sampled_conditioning_equals_played_conditioning(conditioning):
    """State, both thresholds, correlation with the previous cycle; the +2 V that starts a write ends the history."""
    arrays = 20
    results = []
    for play in (True, False):
        cells = [
            conditioned(PARAMETERS, (1000,), conditioning, np.random.default_rng(array + 100 * play), play=play)
            for array in range(arrays)
        ]
        for one in cells:
            one.apply(2.0)
        results.append(
            [torch.cat([one.state for one in cells]).numpy()]
            + [torch.cat([one.features[i] for one in cells]).numpy() for i in range(4)]
            + [torch.cat([one.past[lag] for one in cells], -1).numpy() for lag in (0, 1)]
        )
    for played, sampled in zip(results[0][:5], results[1][:5], strict=True):
        assert distance(played, sampled) < critical_distance(played, sampled)
    lags = [np.corrcoef(result[5], result[6])[:4, 4:] for result in results]
    np.testing.assert_allclose(lags[0], lags[1], atol=0.04)


@pytest.mark.parametrize("levels", [2, 4, 8])
def test_levels_are_evenly_spaced(levels):
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(7), cycles=8)
    write(cells, targets(levels), levels)
    means = [float(cells.state[targets(levels) == level].mean()) for level in range(levels)]
    np.testing.assert_allclose(means, level_states(PARAMETERS, levels), atol=0.004)
    np.testing.assert_allclose(np.diff(means), np.diff(means).mean(), rtol=0.08)


@pytest.mark.parametrize("levels", [2, 4])
def test_rewriting_leaves_fewer_outliers_and_a_narrower_spread(levels):
    verify = Verify(tolerance=0.1 * (levels - 1), rounds=8)
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(7), cycles=8)
    write(cells, targets(levels), levels)
    before = [float(cells.state[targets(levels) == level].std()) for level in range(levels)]
    counts = rewrite_outliers(cells, targets(levels), levels, verify)
    after = [float(cells.state[targets(levels) == level].std()) for level in range(levels)]
    assert len(counts) == 9 and counts[-1] < counts[0] / 8 and counts == sorted(counts, reverse=True)
    assert all(late < early for late, early in zip(after, before, strict=True))


def test_rewriting_touches_outliers_alone():
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(7), cycles=8)
    write(cells, targets(2), 2)
    before, cycles = cells.state.clone(), cells.cycles.clone()
    (off, _) = rewrite_outliers(cells, targets(2), 2, Verify(tolerance=0.1, rounds=1))
    assert int((cells.cycles > cycles).sum()) == int((cells.state != before).sum()) == off


@pytest.mark.parametrize("levels", [2, 4])
def test_outliers_are_off_by_more_than_the_tolerance_in_weight_steps(levels):
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(7), cycles=8)
    write(cells, targets(levels), levels)
    currents = read_current(PARAMETERS, cells.state, 0.6)
    ideal = read_current(PARAMETERS, torch.tensor(level_states(PARAMETERS, levels)), 0.6)
    steps = (currents - ideal[targets(levels).long()]) / (ideal[-1] - ideal[0]) * (levels - 1)
    for tolerance in (0.05, 0.3):
        verify = Verify(tolerance=tolerance, rounds=0, read_v=0.6)
        (off,) = rewrite_outliers(cells, targets(levels), levels, verify)
        assert 0 < off == pytest.approx(int((steps.abs() > tolerance).sum()), abs=2)


def test_no_rounds_means_no_rewrite():
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(7), cycles=8)
    write(cells, targets(2), 2)
    before = cells.state.clone()
    assert len(rewrite_outliers(cells, targets(2), 2, Verify(rounds=0))) == 1
    assert torch.equal(before, cells.state)


def test_written_states_follow_the_levels():
    levels = np.random.default_rng(0).integers(0, 4, (16, 8)).astype(np.uint8)
    writing = Writing(levels=4, conditioning=Cycles(count=3), verify=Verify(tolerance=0.2))
    states = written_states(PARAMETERS, levels, writing, np.random.SFC64(1))
    expected = np.array(level_states(PARAMETERS, 4))[levels]
    assert states.shape == (16, 8) and states.dtype == np.float16
    assert np.corrcoef(states.ravel(), expected.ravel())[0, 1] > 0.97
