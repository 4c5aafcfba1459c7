"""What n set/reset cycles do to the normalised features of a cell, in closed form.

The features of a fresh cell are B e; each cycle adds one step of the autoregression x_n = B e_n + sum_l A_l x_{n-l}
with an empty past. The newest features of a cell are therefore jointly Gaussian, with a covariance from a recursion.
"""

from functools import cache

import numpy as np

from memristor_sim.cells.synaptogen.parameters import FEATURES, ORDER, RESET_THRESHOLD, SET_THRESHOLD, Parameters
from memristor_sim.components import Cycles, RandomPulses

STATIONARY = 200
"""After this many cycles the covariance no longer changes (test_cycle_law.py)."""


@cache
def covariance(parameters: Parameters, cycles: int) -> np.ndarray:
    """Joint covariance of the newest ORDER feature vectors after `cycles` cycles, [lag, feature, lag, feature].

    Lag 0 is the newest; vectors before the fresh state are zero.
    """
    size = FEATURES * ORDER
    step = np.eye(size, k=-FEATURES)
    step[:FEATURES] = np.hstack(list(parameters.regression))
    drive = np.zeros((size, size))
    drive[:FEATURES, :FEATURES] = parameters.innovation @ parameters.innovation.T
    joint = drive
    for _ in range(min(cycles, STATIONARY)):
        joint = step @ joint @ step.T + drive
    return joint.reshape(ORDER, FEATURES, ORDER, FEATURES)


def typical_thresholds(parameters: Parameters) -> tuple[float, float]:
    """Mean set and reset threshold over all cells [V]."""
    mean = parameters.weights @ parameters.means
    return float(mean[SET_THRESHOLD]), float(mean[RESET_THRESHOLD])


def cycles_of(parameters: Parameters, conditioning: Cycles | RandomPulses, random: np.random.Generator) -> int:
    """How often the cells of one array draw new features under this conditioning and the +2 V pulse after it.

    Random pulses are common to all cells of an array and far apart compared with the spread of the thresholds, so one
    cell with typical thresholds represents all.
    """
    if isinstance(conditioning, Cycles):
        return conditioning.count
    pulses_v = random.uniform(-conditioning.amplitude_v, conditioning.amplitude_v, conditioning.count)
    set_v, reset_v = typical_thresholds(parameters)
    resets = np.append(pulses_v[(pulses_v <= set_v) | (pulses_v > reset_v)] > 0, True)
    return int(np.count_nonzero(resets[1:] & ~resets[:-1]))
