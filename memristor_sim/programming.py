"""Integer weights to the states of two cells per digit plane: the device is drawn and written."""

import numpy as np
import torch

from memristor_sim.cells.synaptogen.cycle_law import cycles_of
from memristor_sim.cells.synaptogen.pulse_schedules import written
from memristor_sim.cells.synaptogen.state_law import draw_states
from memristor_sim.hardware import Hardware, StuckAt
from memristor_sim.mapping import Mapping, digits
from memristor_sim.seeds import bit_stream


def program_states(
    weight: np.ndarray, mapping: Mapping, hardware: Hardware, device_seed: int, layer: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw and write all cell arrays of one layer.

    :param weight: [groups, rows, columns] signed integers.
    :return: states of the positive and of the negative line of each pair, float16 [planes, groups, rows, columns].
    """
    targets = [digits(np.maximum(sign * weight, 0), mapping) for sign in (1, -1)]
    states = [np.empty(mapping.shape, np.float16) for _ in targets]
    for name, polarity, index in mapping.arrays():
        levels = targets[polarity][index]
        if hardware.stuck_at != StuckAt():
            levels = stuck(levels, hardware, bit_stream(device_seed, layer, *name, "faults"))
        states[polarity][index] = write_array(levels, hardware, bit_stream(device_seed, layer, *name))
    return torch.from_numpy(states[0]), torch.from_numpy(states[1])


def write_array(levels: np.ndarray, hardware: Hardware, stream: np.random.SFC64) -> np.ndarray:
    """States of one array after conditioning and writing, float16, in the shape of the target levels."""
    random = np.random.Generator(stream)
    if hardware.levels == 2 and hardware.verify is None and not hardware.play_pulses:
        return draw_states(levels > 0, cycles_of(hardware.conditioning, random), stream)
    return written(levels, hardware, random).state.numpy().astype(np.float16)


def stuck(levels: np.ndarray, hardware: Hardware, stream: np.random.SFC64) -> np.ndarray:
    """The levels that an array with faulty cells can take: a stuck cell keeps its own whatever is written."""
    draw = np.random.Generator(stream).random(levels.shape)
    low, high = hardware.stuck_at.low, hardware.stuck_at.high
    levels = np.where(draw < low, 0, levels)
    return np.where((low <= draw) & (draw < low + high), hardware.levels - 1, levels).astype(np.uint8)
