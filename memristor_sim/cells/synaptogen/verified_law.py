"""Binary cells that are read, verified and rewritten, drawn from their joint law over cycles: no pulse is played.

Each rewrite resets a cell fully, which draws its next features, and sets it again if it is to be set. What counts is
one feature: the high resistance of a cell on level 0, the low resistance on level 1. Over consecutive cycles its
normalised form is a Gaussian vector with a covariance from the autoregression; offset and scale of the cell stay. So
the vector is drawn entry by entry, and only for cells that are still off. The acceptance of a read is an interval of
the feature, the same for all cells of a level.

The reference is pulse_schedules.rewrite_outliers. Left out is what it does with cells whose reset threshold lies above
the reset voltage, a share of 2e-13.
"""

from functools import cache

import numpy as np

from memristor_sim.cells.synaptogen.cycle_law import covariance
from memristor_sim.cells.synaptogen.parameters import (
    FEATURES,
    HIGH_RESISTANCE,
    LOW_RESISTANCE,
    ORDER,
    Parameters,
)
from memristor_sim.cells.synaptogen.pulse_schedules import level_states
from memristor_sim.cells.synaptogen.state_law import draw_states, set_failure
from memristor_sim.components import Verify

_FEATURE_OF_LEVEL = (HIGH_RESISTANCE, LOW_RESISTANCE)


def draw_verified(
    parameters: Parameters, is_set: np.ndarray, cycles: int, verify: Verify, stream: np.random.SFC64
) -> np.ndarray:
    """States of independent cells after `cycles` cycles, one write and the rewrites that verification asks for.

    :param is_set: bool, any shape: the cells that get the set pulse.
    :return: float16, same shape.
    """
    random = np.random.Generator(stream)
    states = np.empty(is_set.size, np.float16)
    for level, mine in enumerate((~is_set, is_set)):
        places = np.flatnonzero(mine)
        states[places] = _level_states(parameters, level, len(places), cycles, verify, random)[0]
    return states.reshape(is_set.shape)


def _level_states(
    parameters: Parameters, level: int, count: int, cycles: int, verify: Verify, random: np.random.Generator
) -> tuple[np.ndarray, list[int]]:
    """Float16 states of so many cells, and how many were off before each round and after the last."""
    feature = _FEATURE_OF_LEVEL[level]
    offset, spread = _cells(parameters, feature, count, random)
    factor = _factor(parameters, feature, cycles, verify.rounds + 1)
    low, high = _accepted(parameters, level, verify)
    transform = parameters.transform[feature].astype(np.float32)
    values = np.empty(count, np.float32)
    places = np.arange(count)
    draws: list[np.ndarray] = []
    off_counts: list[int] = []
    for row in factor:
        draws.append(random.standard_normal(len(places), np.float32))
        normalised = row[len(draws) - 1] * draws[-1]
        for weight, draw in zip(row, draws[:-1], strict=False):
            normalised += weight * draw
        shape = np.full_like(normalised, transform[0])
        for coefficient in transform[1:]:
            shape *= normalised
            shape += coefficient
        shape *= spread
        shape += offset
        values[places] = shape
        off = np.flatnonzero((shape < low) | (shape > high))
        off_counts.append(len(off))
        if not len(off):
            break
        places, offset, spread = places[off], offset[off], spread[off]
        draws = [draw[off] for draw in draws]
    scale, top = _state_line(parameters)
    inverse = np.exp(-np.log(np.float32(10)) * values) if feature == HIGH_RESISTANCE else 1 / values
    states = (top - scale * inverse).astype(np.float16)
    if level == 1:
        _fail_to_set(parameters, states, cycles, writes=count + sum(off_counts[: verify.rounds]), random=random)
    return states, off_counts


def _cells(
    parameters: Parameters, feature: int, count: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Offset and scale of one feature of so many cells, float32."""
    means, factors, bounds = _components(parameters, feature)
    drawn = random.random(count, np.float32)
    component = np.zeros(count, np.intp)
    for bound in bounds:
        component += drawn > bound
    one, other = random.standard_normal((2, count), np.float32)
    offset = means[0].take(component)
    offset += factors[0, 0].take(component) * one
    spread = means[1].take(component)
    spread += factors[1, 0].take(component) * one
    spread += factors[1, 1].take(component) * other
    return offset, spread


@cache
def _components(parameters: Parameters, feature: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of offset and scale by component: means [2, 3], triangular factors [2, 2, 3], bounds of the shares [2]."""
    pick = [feature, FEATURES + feature]
    factors = [np.linalg.cholesky((factor @ factor.T)[np.ix_(pick, pick)]) for factor in parameters.factors]
    bounds = parameters.weights.cumsum()[:-1]
    parts = parameters.means[:, pick].T, np.stack(factors, -1), bounds
    means, triangular, shares = (np.ascontiguousarray(part, np.float32) for part in parts)
    return means, triangular, shares


@cache
def _factor(parameters: Parameters, feature: int, cycles: int, count: int) -> np.ndarray:
    """Lower triangular factor of the covariance of a normalised feature over so many cycles: float32 [count, count]."""
    size = FEATURES * ORDER
    step = np.eye(size, k=-FEATURES)
    step[:FEATURES] = np.hstack(list(parameters.regression))
    joint = np.empty((count, count))
    for first in range(count):
        later = covariance(parameters, cycles + first).reshape(size, size)
        for second in range(first, count):
            joint[first, second] = joint[second, first] = later[feature, feature]
            later = step @ later
    return np.linalg.cholesky(joint).astype(np.float32)


@cache
def _accepted(parameters: Parameters, level: int, verify: Verify) -> tuple[float, float]:
    """What verification accepts of a level, as an interval of its feature.

    The current is linear in the state at every voltage, so the tolerance in weight steps is one of the state.
    """
    top, bottom = level_states(parameters, 2)
    middle, tolerance = (top, bottom)[level], verify.tolerance * abs(top - bottom)
    # state = (G_low - 1 / R) / (G_low - G_high), which rises with R and stays below the state of an open circuit
    between = parameters.low_siemens - parameters.high_siemens
    siemens = [parameters.low_siemens - (middle + side * tolerance) * between for side in (-1, 1)]
    low, high = (1 / one if one > 0 else np.inf for one in siemens)
    return (np.log10(low), np.log10(high)) if level == 0 else (low, high)


@cache
def _state_line(parameters: Parameters) -> tuple[np.float32, np.float32]:
    """Slope and offset of the state over the inverse of the resistance."""
    scale = 1 / (parameters.low_siemens - parameters.high_siemens)
    return np.float32(scale), np.float32(scale * parameters.low_siemens)


def _fail_to_set(
    parameters: Parameters, states: np.ndarray, cycles: int, *, writes: int, random: np.random.Generator
) -> None:
    """The few cells that a set pulse does not set stay on high resistance for good, in place."""
    failed = random.binomial(writes, set_failure(parameters, cycles)) if len(states) else 0
    if failed:
        some = random.choice(len(states), min(failed, len(states)), replace=False)
        stream = np.random.SFC64(int(random.integers(1 << 62)))
        states[some] = draw_states(parameters, np.zeros(len(some), bool), cycles, stream)
