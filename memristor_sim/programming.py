"""Programming: integer weights to the states of two cells per digit plane."""

import numpy as np
import torch

from memristor_sim.components import StuckAt, Wires
from memristor_sim.hardware import Hardware
from memristor_sim.iv import cell_current
from memristor_sim.mapping import Mapping, digits
from memristor_sim.seeds import bit_stream
from memristor_sim.wires import LINEAR_V, transfer

_LEAST_SIEMENS = 1e-8
"""A cell that conducts less carries nothing, and its share of that is not needed."""


def program_states(
    weight: np.ndarray, mapping: Mapping, hardware: Hardware, device_seed: int, layer: str
) -> tuple[torch.Tensor, ...]:
    """Draw and write all cell arrays of one layer.

    :param weight: [groups, rows, columns] signed integers.
    :param device_seed: which device; the same seed gives the same states.
    :param layer: module name, which selects the random streams.
    :return: states of the positive and of the negative line of each pair and, if the hardware attenuates, the shares of
        their currents that arrive; all float16 [planes, groups, rows, columns].
    """
    targets = [digits(np.maximum(sign * weight, 0), mapping) for sign in (1, -1)]
    states = [np.empty(mapping.shape, np.float16) for _ in targets]
    for name, polarity, index in mapping.arrays():
        levels = targets[polarity][index]
        if hardware.stuck_at != StuckAt():
            levels = stuck(levels, hardware, bit_stream(device_seed, layer, *name, "faults"))
        stream = bit_stream(device_seed, layer, *name)
        states[polarity][index] = hardware.cell.written_states(levels, hardware.writing, stream)
    written = tuple(map(torch.from_numpy, states))
    return (*written, *attenuations(written, mapping, hardware)) if hardware.attenuates else written


def stuck(levels: np.ndarray, hardware: Hardware, stream: np.random.SFC64) -> np.ndarray:
    """Target levels with those of stuck cells replaced.

    :param levels: uint8 of any shape.
    :return: the same shape and type.
    """
    draw = np.random.Generator(stream).random(levels.shape)
    low, high = hardware.stuck_at.low, hardware.stuck_at.high
    levels = np.where(draw < low, 0, levels)
    return np.where((low <= draw) & (draw < low + high), hardware.levels - 1, levels).astype(np.uint8)


def attenuations(
    states: tuple[torch.Tensor, ...], mapping: Mapping, hardware: Hardware
) -> tuple[torch.Tensor, torch.Tensor]:
    """Shares of the cells' currents that arrive at the ends of their columns: float16, like the states.

    :param states: of the positive and the negative lines, float16 [planes, groups, rows, columns].
    """
    wires = hardware.wires or Wires(segment_ohm=0.0)
    shares = torch.empty(2, *mapping.shape, dtype=torch.float16)
    for group in range(mapping.groups):
        for rows in mapping.row_slices():
            for columns in mapping.column_slices():
                arrays = torch.stack([one[:, group, rows, columns] for one in states]).float()
                linear = (cell_current(hardware.cell, arrays, LINEAR_V) / LINEAR_V).clamp_(min=_LEAST_SIEMENS)
                arriving = transfer(linear.flatten(0, 1), wires).view_as(linear)
                shares[:, :, group, rows, columns] = (arriving / linear).half()
    return shares[0], shares[1]
