"""Slow, plain counterparts of the fast path: every cell of every frame, in float64, from the measured formulas."""

import math

import numpy as np

from memristor_sim.cells.synaptogen import Synaptogen

BOLTZMANN = 1.380649e-23
SYNAPTOGEN = Synaptogen()


def currents(state, voltage_v, cell=SYNAPTOGEN):
    """(1 - r) L(U) + r H(U), with NumPy's polynomials; of measured levels G U, r being the share of the top level."""
    if cell != SYNAPTOGEN:
        return 1e-6 * cell.mean_us[-1] * state * voltage_v
    parameters = cell.parameters
    low, high = np.polyval(parameters.low_iv, voltage_v), np.polyval(parameters.high_iv, voltage_v)
    return (1 - state) * low + state * high


def value_per_ampere(cell, dac):
    """8020 as published; of measured levels, what makes a pair of the outermost ones 1 at full drive."""
    if cell == SYNAPTOGEN:
        return 8020.0
    return 1e6 / (max(cell.mean_us) - min(cell.mean_us)) / dac.full_scale_v


def line_voltages(x, dac):
    """:param x: any shape, 1 being full scale."""
    step = 2.0 ** (1 - dac.bits)
    highest = 1.0 if dac.symmetric else 1.0 - step
    return np.clip(np.round(np.asarray(x, np.float64) / step) * step, -1.0, highest) * dac.full_scale_v


def pair_sums(x, plus, minus, dac, noise, cell=SYNAPTOGEN, shares=(1.0, 1.0)):
    """Mean and variance of the current difference of pairs of lines.

    :param x: [N, I]; plus, minus: states [I, O]; shares: of the currents that arrive, of positive and negative lines.
    :return: two arrays [N, O], ampere and ampere squared.
    """
    voltage_v = line_voltages(x, dac)[:, :, None]
    positive, negative = (
        share * currents(state, voltage_v, cell) for state, share in zip((plus, minus), shares, strict=True)
    )
    mean = (positive - negative).sum(1)
    if noise is None:
        return mean, np.zeros_like(mean)
    at_v = np.where(voltage_v == 0, 1e-12, voltage_v)
    variance = 0.0
    for state, share in zip((plus, minus), shares, strict=True):
        size = share * np.abs(currents(state, at_v, cell))
        thermal = 4 * BOLTZMANN * noise.temperature_k * size / np.abs(at_v)
        variance = variance + noise.bandwidth_hz * (thermal + 2 * noise.charge_c * size)
    return mean, variance.sum(1)


def digitised(value, adc):
    """:param value: in weight steps at full scale."""
    step = 2.0**-adc.precision_bits
    reach = 2.0 ** (adc.range_bits - 1)
    return np.clip(np.round(value / step) * step, -reach, reach if adc.symmetric else reach - step)


def shares_of(crossbar, *index):
    """Of the currents that arrive, of the positive and of the negative lines: [...], or 1 for all."""
    found = crossbar.attenuation_plus, crossbar.attenuation_minus
    return tuple(1.0 if one is None else one[index].double().numpy() for one in found)


def matrix_product(x, crossbar, group=0, slack=0.0):
    """What a noiseless crossbar gives for one group: [N, I] -> [N, O], before the digital scales.

    :param slack: added to what every ADC is given, in weight steps at full scale: of a current at half a step,
        rounding to float32 decides, and that differs between processors.
    """
    mapping, cell = crossbar.mapping, crossbar.cell
    factor = value_per_ampere(cell, crossbar.dac) * (mapping.levels - 1)
    total = 0.0
    for plane in range(mapping.planes):
        for first in range(0, mapping.rows, mapping.tile_rows):
            rows = slice(first, first + mapping.tile_rows)
            plus, minus = (
                states[plane, group, rows].double().numpy() for states in (crossbar.r_plus, crossbar.r_minus)
            )
            shares = shares_of(crossbar, plane, group, rows)
            mean, _ = pair_sums(x[:, rows], plus, minus, crossbar.dac, None, cell, shares)
            value = factor * mean + slack
            total = total + digitised(value, crossbar.adc) * mapping.levels ** (mapping.planes - 1 - plane)
    return total


def distance(first, second):
    """Largest difference of two empirical distribution functions (Kolmogorov, Smirnov)."""
    first, second = np.sort(np.ravel(first)), np.sort(np.ravel(second))
    both = np.concatenate([first, second])
    steps = [np.searchsorted(one, both, "right") / len(one) for one in (first, second)]
    return np.abs(steps[0] - steps[1]).max()


def critical_distance(first, second):
    """What `distance` exceeds once in 1000 for equal distributions."""
    return 1.95 * math.sqrt(1 / np.size(first) + 1 / np.size(second))
