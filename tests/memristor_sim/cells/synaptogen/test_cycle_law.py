import numpy as np
import pytest

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.cells.synaptogen.cycle_law import STATIONARY, covariance, cycles_of
from memristor_sim.cells.synaptogen.parameters import FEATURES, ORDER
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from memristor_sim.components import RandomPulses

PARAMETERS = Synaptogen().parameters


def test_covariance_is_that_of_the_recursion():
    """Oracle: the autoregression run as it is written, as a linear map of its innovations."""
    parameters, cycles = PARAMETERS, 13
    steps = cycles + 1
    maps = np.zeros((steps, FEATURES, steps * FEATURES))  # features as a function of all innovations
    for n in range(steps):
        maps[n, :, n * FEATURES : (n + 1) * FEATURES] = parameters.innovation
        for lag in range(min(ORDER, n)):
            maps[n] += parameters.regression[lag] @ maps[n - 1 - lag]
    newest_first = maps[::-1][:ORDER].reshape(ORDER * FEATURES, -1)
    ours = covariance(PARAMETERS, cycles).reshape(ORDER * FEATURES, ORDER * FEATURES)
    np.testing.assert_allclose(ours, newest_first @ newest_first.T, atol=1e-12)


def test_covariance_settles():
    assert np.abs(covariance(PARAMETERS, STATIONARY) - covariance(PARAMETERS, STATIONARY // 2)).max() < 1e-3


@pytest.mark.parametrize("count", [50, 150])
def test_typical_cell_cycles_as_often_as_played_ones(count):
    counted, played = [], []
    for seed in range(30):
        counted.append(cycles_of(PARAMETERS, RandomPulses(count=count), np.random.default_rng(seed)))
        pulses_v = np.random.default_rng(seed).uniform(-2, 2, count)  # the same draw
        cells = PulsedCells(PARAMETERS, 200, np.random.default_rng(seed + 1000))
        for pulse_v in [*pulses_v, 2.0]:
            cells.apply(float(pulse_v))
        played.append(float(cells.cycles.double().mean()))
    assert np.abs(np.subtract(counted, played)).max() < 0.05 * count
    assert abs(np.mean(counted) - np.mean(played)) < 0.02 * np.mean(played)
