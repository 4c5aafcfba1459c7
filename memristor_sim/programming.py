"""Integer weights to the states of two cells per digit plane: the device is drawn and written."""

import numpy as np
import torch

from memristor_sim.hardware import Hardware
from memristor_sim.history import cycles_of
from memristor_sim.mapping import Mapping, digits
from memristor_sim.seeds import bit_stream
from memristor_sim.state_law import draw_states


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
        stream = bit_stream(device_seed, layer, *name)
        states[polarity][index] = write_array(targets[polarity][index], hardware, stream)
    return torch.from_numpy(states[0]), torch.from_numpy(states[1])


def write_array(levels: np.ndarray, hardware: Hardware, stream: np.random.SFC64) -> np.ndarray:
    """States of one fresh array after its conditioning and writing, float16, same shape as the target levels."""
    random = np.random.Generator(stream)
    cycles = cycles_of(hardware.conditioning, random)
    return draw_states(levels > 0, cycles, stream)
