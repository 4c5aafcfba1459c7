"""DAC and ADC arithmetic, and the functions of the line voltage, tabulated over the levels of the DAC."""

from functools import cache

import numpy as np
import torch

from memristor_sim.cells.cell import CurrentLaw
from memristor_sim.components import Adc, Dac, ReadNoise
from memristor_sim.iv import noise_per_ampere


def to_levels_(x: torch.Tensor, dac: Dac) -> torch.Tensor:
    """Inputs to rows of the tables below: rounded half to even, clipped at both ends.

    :param x: any shape, 1 being full scale; overwritten.
    :return: int32, same shape.
    """
    return x.mul_(2 ** (dac.bits - 1)).round_().clamp_(dac.lowest, dac.highest).sub_(dac.lowest).int()


def line_voltages(law: CurrentLaw, dac: Dac) -> tuple[np.ndarray, float]:
    """Voltage of each level of the DAC [V], and the factor by which a linearised one drives less than full scale."""
    steps = np.arange(dac.lowest, dac.highest + 1)
    if not dac.linearised:
        return steps * (dac.full_scale_v / 2 ** (dac.bits - 1)), 1.0
    grid_v = np.linspace(-dac.full_scale_v, dac.full_scale_v, 4001)
    low, high = law.extreme_currents(grid_v)
    current = (low - high) * np.sign(low[-1] - high[-1])
    reach = min(current[-1], -current[0])
    return np.interp(steps * (reach / 2 ** (dac.bits - 1)), current, grid_v), float(current[-1] / reach)


@cache
def line_tables(law: CurrentLaw, dac: Dac, noise: ReadNoise | None, per_ampere: float) -> tuple[np.ndarray, ...]:
    """Functions of the input level: a pair of lines with states r-, r+ has, in output units,

    mean = sum_i drive_i (r-_i - r+_i)   and   variance = sum_i (offset_i - slope_i (r-_i + r+_i)).

    Current and voltage have the same sign, so the magnitude of a cell's current is sgn(U) I, linear in the state.

    :param law: of the cells; hashable.
    :param per_ampere: output units per ampere.
    :return: (drive,) without noise, else (drive, offset, slope), each float64 [DAC levels].
    """
    voltage_v, factor = line_voltages(law, dac)
    per_ampere *= factor
    low, high = law.extreme_currents(voltage_v)
    drive = per_ampere * (low - high)
    if noise is None:
        return (drive,)
    voltage_v[voltage_v == 0] = 1e-12  # thermal noise of an undriven cell: the limit, as in synaptogen
    low, high = law.extreme_currents(voltage_v)
    variance = per_ampere**2 * noise_per_ampere(voltage_v, noise) * np.sign(voltage_v)
    return drive, 2 * variance * low, variance * (low - high)


def digitise_(steps: torch.Tensor, adc: Adc) -> torch.Tensor:
    """Values in ADC steps to the ADC's output, in place: rounded half to even, clipped. Any shape."""
    return steps.round_().clamp_(adc.lowest, adc.highest)
