"""The reference cells against the NumPy package that they follow."""

import numpy as np
import pytest
import torch
from synaptogen import synaptogen

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.cells.synaptogen.parameters import RESET_THRESHOLD
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from tests.memristor_sim.reference import critical_distance, currents, distance

PARAMETERS = Synaptogen().parameters
COUNT = 20_000
RANDOM_PULSES = np.random.default_rng(3).uniform(-2, 2, 50).tolist()


def package_cells(monkeypatch, pulses_v, *, aliased=False):
    generator = np.random.default_rng(1)
    monkeypatch.setattr(synaptogen, "randn", lambda *a, **k: generator.standard_normal(*a, dtype=np.float32, **k))
    monkeypatch.setattr(synaptogen, "rand", lambda *a, **k: generator.random(*a, dtype=np.float32, **k))
    cells = synaptogen.CellArrayCPU(COUNT)
    if not aliased:
        cells.UR = cells.UR.copy()
    for pulse_v in pulses_v:
        synaptogen.applyVoltage(cells, float(pulse_v))
    return cells


def our_cells(pulses_v, seed=1):
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(seed))
    for pulse_v in pulses_v:
        cells.apply(float(pulse_v))
    return cells


def correlation(features):
    return np.corrcoef([np.log10(features[0]), *features[1:]])


@pytest.mark.parametrize(
    "pulses_v",
    [[], [2, -2, 0.9], [-2, 2] * 12, RANDOM_PULSES, [-2, 2, -2, 1.1, 1.0, 1.2]],
    ids=["fresh", "half", "cycled", "random", "stairs"],
)
def test_states_features_and_thresholds_have_the_distribution_of_the_package(monkeypatch, pulses_v):
    theirs, ours = package_cells(monkeypatch, pulses_v), our_cells(pulses_v)
    assert abs(theirs.n.mean() - ours.cycles.double().mean()) < 0.1
    for mine, other in [
        (ours.state.numpy(), theirs.r),
        (ours.reset_v.numpy(), theirs.UR),
        *zip(ours.features.numpy(), theirs.y, strict=True),
    ]:
        assert distance(mine, other) < critical_distance(mine, other)
    np.testing.assert_allclose(correlation(ours.features.numpy()), correlation(theirs.y), atol=0.03)


@pytest.mark.parametrize("cycles", [1, 4, 15])
def test_sampled_history_has_the_distribution_of_the_played_one(cycles):
    played = our_cells([-2.0, 2.0] * cycles)
    sampled = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(2), cycles=cycles)
    for cells in (played, sampled):
        cells.apply(-2.0)  # one more cycle half way, which continues the history
        cells.apply(1.0)
    assert abs(float(played.cycles.double().mean() - sampled.cycles.double().mean())) < 0.01
    for mine, other in [
        (played.state, sampled.state),
        (played.reset_v, sampled.reset_v),
        *zip(played.features, sampled.features, strict=True),
        *zip(played.past[-1], sampled.past[-1], strict=True),
    ]:
        mine, other = mine.numpy(), other.numpy()
        assert distance(mine, other) <= critical_distance(mine, other)
    lags = [np.corrcoef(cells.past[0].numpy(), cells.past[1].numpy()) for cells in (played, sampled)]
    np.testing.assert_allclose(lags[0], lags[1], atol=0.035)


def test_fresh_cells_once_set_can_be_reset(monkeypatch):
    """In the package the reset threshold aliases the features: a reset of a fresh cell overwrites it for good."""
    pulses_v = [1.9, -2.0, 1.8]
    ours, theirs = our_cells(pulses_v), package_cells(monkeypatch, pulses_v, aliased=True)
    assert ours.is_high.all() and ours.state.mean() > 0.8
    assert theirs.inLRS.all() and theirs.r.mean() < 0.2


def test_partial_reset_of_a_cell_that_was_never_set_does_nothing():
    cells = our_cells([])
    before = cells.state.clone()
    cells.apply(1.2)
    assert torch.equal(cells.state, before)


def test_pulses_between_the_thresholds_do_nothing():
    cells = our_cells([-2.0, 2.0, -2.0])
    before = cells.state.clone()
    quiet = cells.features[RESET_THRESHOLD] * 0.99
    cells.apply(quiet)
    cells.apply(-0.1)
    assert torch.equal(cells.state, before) and cells.is_low.all()


def test_partial_reset_lies_on_the_transition_curve():
    """Its current lies on a |Umax - U|^eta + c, from the set state at its threshold to the reset one at Umax."""
    cells = our_cells([-2.0, 2.0, -2.0])
    start_v, start_state = cells.reset_v.double().numpy(), cells.state.double().numpy()
    pulse_v = 1.1
    cells.apply(pulse_v)
    partial = cells.state.double().numpy()
    cells.apply(2.0)
    end = cells.state.double().numpy()
    top, bottom = currents(start_state, start_v), currents(end, 1.46)
    expected = (top - bottom) * ((1.46 - pulse_v) / np.abs(1.46 - start_v)) ** 3.0567 + bottom
    moved = start_v < pulse_v
    np.testing.assert_allclose(currents(partial, pulse_v)[moved], expected[moved], rtol=1e-3)


def test_any_shape_and_the_same_draw():
    flat, shaped = (
        PulsedCells(PARAMETERS, 24, np.random.default_rng(5), cycles=3),
        PulsedCells(PARAMETERS, (2, 3, 4), np.random.default_rng(5), cycles=3),
    )
    for cells in (flat, shaped):
        cells.apply(-2.0)
        cells.apply(1.0)
    assert shaped.state.shape == (2, 3, 4)
    torch.testing.assert_close(shaped.state.flatten(), flat.state)
