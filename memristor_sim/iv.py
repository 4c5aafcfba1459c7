"""Currents of cells from their two-table law, and the noise of reading them."""

from typing import Any

import numpy as np

from memristor_sim.cells.cell import CurrentLaw
from memristor_sim.components import BOLTZMANN_J_PER_K, READ_RANGE_V, ReadNoise
from memristor_sim.errors import MemristorError


def cell_current(law: CurrentLaw, state: Any, voltage_v: Any) -> Any:
    """Noiseless current of cells [A].

    :param state, voltage_v: floats, arrays or tensors that broadcast.
    """
    low, high = law.extreme_currents(voltage_v)
    return (1 - state) * low + state * high


def read_current(law: CurrentLaw, state: Any, voltage_v: Any) -> Any:
    """`cell_current`, for voltages at which a read leaves the state unchanged.

    :raises MemristorError: a voltage is outside that range.
    """
    largest = float(abs(voltage_v).max()) if getattr(voltage_v, "shape", ()) else abs(float(voltage_v))
    if not largest <= READ_RANGE_V * (1 + 1e-6):
        raise MemristorError(
            f"A read at {largest:g} V is beyond the read range of {READ_RANGE_V} V, where cells would switch: lower it."
        )
    return cell_current(law, state, voltage_v)


def noise_per_ampere(voltage_v: np.ndarray, noise: ReadNoise) -> np.ndarray:
    """Variance of a cell's current per ampere of its magnitude [A], at voltages other than zero."""
    thermal = 4 * BOLTZMANN_J_PER_K * noise.temperature_k / np.abs(voltage_v)
    return noise.bandwidth_hz * (thermal + 2 * noise.charge_c)
