"""Programming: integer weights to the states of two cells per digit plane."""

import numpy as np
import torch

from memristor_sim.components import StuckAt
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import Mapping, digits
from memristor_sim.seeds import bit_stream


def program_states(
    weight: np.ndarray, mapping: Mapping, hardware: Hardware, device_seed: int, layer: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw and write all cell arrays of one layer.

    :param weight: [groups, rows, columns] signed integers.
    :param device_seed: which device; the same seed gives the same states.
    :param layer: module name, which selects the random streams.
    :return: states of the positive and of the negative line of each pair, float16 [planes, groups, rows, columns].
    """
    targets = [digits(np.maximum(sign * weight, 0), mapping) for sign in (1, -1)]
    states = [np.empty(mapping.shape, np.float16) for _ in targets]
    for name, polarity, index in mapping.arrays():
        levels = targets[polarity][index]
        if hardware.stuck_at != StuckAt():
            levels = stuck(levels, hardware, bit_stream(device_seed, layer, *name, "faults"))
        stream = bit_stream(device_seed, layer, *name)
        states[polarity][index] = hardware.cell.written_states(levels, hardware.writing, stream)
    return torch.from_numpy(states[0]), torch.from_numpy(states[1])


def stuck(levels: np.ndarray, hardware: Hardware, stream: np.random.SFC64) -> np.ndarray:
    """Target levels with those of stuck cells replaced.

    :param levels: uint8 of any shape.
    :return: the same shape and type.
    """
    draw = np.random.Generator(stream).random(levels.shape)
    low, high = hardware.stuck_at.low, hardware.stuck_at.high
    levels = np.where(draw < low, 0, levels)
    return np.where((low <= draw) & (draw < low + high), hardware.levels - 1, levels).astype(np.uint8)
