"""Current-voltage curves: I(U) = (1 - r) L(U) + r H(U), two measured polynomials mixed by the state r of the cell."""

import numpy as np

from memristor_sim.cells.synaptogen.parameters import measured
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import BOLTZMANN_J_PER_K, READ_RANGE_V, ReadNoise


def extreme_currents(voltage_v):
    """L(U) and H(U) in ampere; arrays of any kind, same shape as the voltage."""
    parameters = measured()
    currents = []
    for coefficients in (parameters.low_iv, parameters.high_iv):
        current = 0 * voltage_v
        for coefficient in coefficients:
            current = current * voltage_v + float(coefficient)
        currents.append(current)
    return currents


def cell_current(state, voltage_v):
    """Noiseless current of cells [A]; state and voltage broadcast."""
    low, high = extreme_currents(voltage_v)
    return (1 - state) * low + state * high


def read_current(state, voltage_v):
    """`cell_current`, with the voltage held to the range in which reads leave the state alone.

    :raises MemristorError: a voltage is beyond it.
    """
    largest = float(abs(voltage_v).max()) if getattr(voltage_v, "shape", ()) else abs(float(voltage_v))
    if not largest <= READ_RANGE_V * (1 + 1e-6):
        raise MemristorError(
            f"A read at {largest:g} V is beyond the read range of {READ_RANGE_V} V, where cells would switch: lower it."
        )
    return cell_current(state, voltage_v)


def noise_per_ampere(voltage_v: np.ndarray, noise: ReadNoise) -> np.ndarray:
    """Variance of a cell's current per ampere of its magnitude [A], at voltages other than zero."""
    thermal = 4 * BOLTZMANN_J_PER_K * noise.temperature_k / np.abs(voltage_v)
    return noise.bandwidth_hz * (thermal + 2 * noise.charge_c)
