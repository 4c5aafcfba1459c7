"""DAC and ADC arithmetic, and the functions of the line voltage, tabulated over the levels of the DAC."""

from functools import cache

import numpy as np
import torch

from memristor_sim.cells.cell import CurrentLaw, ReadLaw
from memristor_sim.cells.scaled import ScaledCurrents
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
    law = law.nominal if isinstance(law, ScaledCurrents) else law  # the DAC knows the cells as they were measured
    steps = np.arange(dac.lowest, dac.highest + 1)
    if not dac.linearised:
        return steps * (dac.full_scale_v / 2 ** (dac.bits - 1)), 1.0
    grid_v = np.linspace(-dac.full_scale_v, dac.full_scale_v, 4001)
    low, high = law.extreme_currents(grid_v)
    current = (low - high) * np.sign(low[-1] - high[-1])
    reach = min(current[-1], -current[0])
    return np.interp(steps * (reach / 2 ** (dac.bits - 1)), current, grid_v), float(current[-1] / reach)


@cache
def line_tables(
    law: ReadLaw, dac: Dac, noise: ReadNoise | None, per_ampere: float, attenuated: bool = False
) -> tuple[np.ndarray, ...]:
    """Functions of the input level: a pair of lines with states r-, r+ has, in output units,

    mean = sum_i drive_i (r-_i - r+_i)   and   variance = sum_i (offset_i - slope_i (r-_i + r+_i)).

    If shares a-, a+ of the cells' currents arrive, and q = a r,

    mean = sum_i (low_i (a+_i - a-_i) + drive_i (q-_i - q+_i))   and
    variance = sum_i (base_i (a-_i + a+_i) - slope_i (q-_i + q+_i)).

    The magnitude of a cell's current is linear in the state as well: where current and voltage have the same sign, it
    is sgn(U) I.

    :param law: of the cells; hashable.
    :param per_ampere: output units per ampere.
    :param attenuated: whether such shares are known.
    :return: (drive,) without noise, else (drive, offset, slope), offset being twice the base; of attenuated cells
        (low, drive) without noise, else (low, drive, base, slope). Each is float64 [DAC levels].
    """
    voltage_v, factor = line_voltages(law, dac)
    per_ampere *= factor
    low, high = law.extreme_currents(voltage_v)
    drive = per_ampere * (low - high)
    means = (per_ampere * low, drive) if attenuated else (drive,)
    if noise is None:
        return means
    voltage_v[voltage_v == 0] = 1e-12  # thermal noise of an undriven cell: the limit, as in synaptogen
    low, high = law.extreme_magnitudes(voltage_v)
    variance = per_ampere**2 * noise_per_ampere(voltage_v, noise)
    base = variance * low
    return *means, base if attenuated else 2 * base, variance * (low - high)


def digitise_(steps: torch.Tensor, adc: Adc) -> torch.Tensor:
    """Values in ADC steps to the ADC's output, in place: rounded half to even, clipped. Any shape."""
    return steps.round_().clamp_(adc.lowest, adc.highest)
