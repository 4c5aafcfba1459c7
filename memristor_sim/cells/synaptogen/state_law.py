"""The law of one written cell's state, as a table of quantiles: the fast way to program binary cells.

Given its number of cycles, a cell written by +2 V and, if it is to be set, -2 V has a state that depends on its own
draw only. The distribution function is an integral over the one normalised feature that matters,
sum_k w_k int phi(x) P(mu + sigma g(x) <= y | x) dx, with (mu, sigma) Gaussian in each component k. A random word
therefore looks up a state, and no pulse has to be played.
"""

from functools import cache

import numpy as np
import torch

from memristor_sim.cells.synaptogen.cycle_law import STATIONARY, covariance
from memristor_sim.cells.synaptogen.parameters import (
    FEATURES,
    HIGH_RESISTANCE,
    LOW_RESISTANCE,
    SET_THRESHOLD,
    Parameters,
)
from memristor_sim.components import WRITE_V

_BINS = 1 << 16
_NODES = np.linspace(-8, 8, 81)  # the trapezoidal rule converges geometrically for these integrands


def _feature_cdf(parameters: Parameters, feature: int, cycles: int, points: np.ndarray) -> np.ndarray:
    """P(feature <= point) over cells and cycles, before the exponential of the high resistance."""
    deviation = np.sqrt(covariance(parameters, cycles)[0, feature, 0, feature])
    shape = np.polyval(parameters.transform[feature], deviation * _NODES)
    density = np.exp(-(_NODES**2) / 2)
    density /= density.sum()
    total = np.zeros_like(points)
    for weight, mean, factor in zip(parameters.weights, parameters.means, parameters.factors, strict=True):
        pick = [feature, FEATURES + feature]
        both = (factor @ factor.T)[np.ix_(pick, pick)]
        center = mean[pick[0]] + mean[pick[1]] * shape
        spread = np.sqrt(both[0, 0] + 2 * shape * both[0, 1] + shape**2 * both[1, 1])
        scores = torch.from_numpy((points[:, None] - center) / spread)
        total += weight * (torch.special.ndtr(scores).numpy() @ density)
    return total


def _grid(means: np.ndarray, feature: int) -> np.ndarray:
    reach = 9 * means[:, FEATURES + feature].max()
    return np.linspace(means[:, feature].min() - reach, means[:, feature].max() + reach, 2001)


@cache
def set_failure(parameters: Parameters, cycles: int) -> float:
    """Share of cells that a set pulse does not set."""
    return float(_feature_cdf(parameters, SET_THRESHOLD, cycles, np.array([-WRITE_V]))[0])


def _cdf_of_state(parameters: Parameters, feature: int, cycles: int) -> tuple[np.ndarray, np.ndarray]:
    points = _grid(parameters.means, feature)
    if feature == LOW_RESISTANCE:
        points = points[points > 0]
    resistance = 10**points if feature == HIGH_RESISTANCE else points
    return parameters.state(resistance), _feature_cdf(parameters, feature, cycles, points)


def _quantiles(states: np.ndarray, cdf: np.ndarray) -> np.ndarray:
    """Bin centres of the whole unit interval, then of its first and its last bin once more, [3 * _BINS]."""
    centres = (np.arange(_BINS) + 0.5) / _BINS
    rising = np.concatenate(([True], np.diff(cdf) > 0))
    return np.interp(np.concatenate((centres, centres / _BINS, 1 - centres / _BINS)), cdf[rising], states[rising])


@cache
def _tables(parameters: Parameters, cycles: int) -> np.ndarray:
    """float16 states by [level, quantile]."""
    high, low = (_cdf_of_state(parameters, feature, cycles) for feature in (HIGH_RESISTANCE, LOW_RESISTANCE))
    failed = set_failure(parameters, cycles)
    states = np.union1d(high[0], low[0])
    high_cdf = np.interp(states, *high, left=0, right=1)
    low_cdf = np.interp(states, *low, left=0, right=1)
    rows = (_quantiles(states, high_cdf), _quantiles(states, (1 - failed) * low_cdf + failed * high_cdf))
    return np.stack(rows).astype(np.float16).ravel()


def draw_states(parameters: Parameters, is_set: np.ndarray, cycles: int, stream: np.random.SFC64) -> np.ndarray:
    """States of independent cells after `cycles` cycles and one write.

    :param is_set: bool, any shape: the cells that get the set pulse.
    :return: float16, same shape.
    """
    count = is_set.size
    words = stream.random_raw((count + 1) // 2).view(np.uint32)[:count]
    index = (words >> 16).astype(np.int64)
    tails = np.flatnonzero((index == 0) | (index == _BINS - 1))
    low_half = (words[tails] & 0xFFFF).astype(np.int64)
    index[tails] = np.where(index[tails] == 0, _BINS + low_half, 2 * _BINS + low_half)
    index += is_set.ravel().astype(np.int64) * (3 * _BINS)
    return _tables(parameters, min(cycles, STATIONARY))[index].reshape(is_set.shape)
