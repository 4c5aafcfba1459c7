"""Programming: integer weights to the states of two cells per digit plane."""

import numpy as np
import torch

from memristor_sim.ageing import own_factors, relaxed
from memristor_sim.components import StuckAt
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
    drift = hardware.drift if hardware.age_s else None
    targets = [digits(np.maximum(sign * weight, 0), mapping) for sign in (1, -1)]
    states = [np.empty(mapping.shape, np.float16) for _ in targets]
    for name, polarity, index in mapping.arrays():
        levels = targets[polarity][index]
        if hardware.stuck_at != StuckAt():
            spares = bit_stream(device_seed, layer, *name, "faults of spares") if hardware.spare_columns else None
            levels = stuck(levels, hardware, bit_stream(device_seed, layer, *name, "faults"), spares)
        stream = bit_stream(device_seed, layer, *name)
        written = hardware.cell.written_states(levels, hardware.writing, stream)
        states[polarity][index] = written if drift is None else relaxed(written, drift, hardware.age_s)
    tensors = tuple(map(torch.from_numpy, states))
    if not hardware.attenuates:
        return tensors
    shares = torch.from_numpy(np.stack(_drifted(mapping, hardware, device_seed, layer)))
    if hardware.wires is not None:
        attenuate_(shares, tensors, mapping, hardware)
    return *tensors, *shares.half()


def stuck(
    levels: np.ndarray, hardware: Hardware, stream: np.random.SFC64, spares: np.random.SFC64 | None = None
) -> np.ndarray:
    """Target levels with those of stuck cells replaced.

    :param levels: uint8 of any shape; with spares [rows, columns].
    :param spares: draws the faults of spare columns, which take the place of columns with more stuck cells.
    :return: the same shape and type.
    """
    draw = np.random.Generator(stream).random(levels.shape)
    if spares is not None:
        spare = np.random.Generator(spares).random((len(levels), hardware.spare_columns))
        draw = _remapped(draw, spare, hardware.stuck_at.low + hardware.stuck_at.high)
    low, high = hardware.stuck_at.low, hardware.stuck_at.high
    levels = np.where(draw < low, 0, levels)
    return np.where((low <= draw) & (draw < low + high), hardware.levels - 1, levels).astype(np.uint8)


def _remapped(draw: np.ndarray, spare: np.ndarray, rate: float) -> np.ndarray:
    """The columns of one array; the worst are exchanged for the best spare ones as long as these are better.

    :param draw, spare: [rows, columns]; a cell is stuck where they are below `rate`.
    """
    own, other = ((one < rate).sum(0) for one in (draw, spare))
    for worst, best in zip(np.argsort(-own, kind="stable"), np.argsort(other, kind="stable"), strict=False):
        if other[best] < own[worst]:
            draw[:, worst] = spare[:, best]
    return draw


def _drifted(mapping: Mapping, hardware: Hardware, device_seed: int, layer: str) -> list[np.ndarray]:
    """What drift of their own leaves of the cells' currents: two polarities, float32 like the states."""
    shares = [np.ones(mapping.shape, np.float32) for _ in range(2)]
    drift = hardware.drift
    if drift is not None and drift.exponent_std and hardware.age_s:
        for name, polarity, index in mapping.arrays():
            stream = bit_stream(device_seed, layer, *name, "drift")
            shares[polarity][index] = own_factors(shares[polarity][index].shape, drift, hardware.age_s, stream)
    return shares


def attenuate_(
    shares: torch.Tensor, states: tuple[torch.Tensor, ...], mapping: Mapping, hardware: Hardware
) -> torch.Tensor:
    """Take from the shares of the cells' currents what does not arrive at the ends of their columns, in place.

    :param shares: float32 [2, planes, groups, rows, columns].
    :param states: of the positive and the negative lines, float16 [planes, groups, rows, columns].
    """
    assert hardware.wires is not None
    for rows in mapping.row_slices():
        for columns in mapping.column_slices():
            arrays = torch.stack([one[..., rows, columns] for one in states]).float()
            nominal = (cell_current(hardware.law, arrays, LINEAR_V) / LINEAR_V).clamp_(min=_LEAST_SIEMENS)
            of_arrays = shares[..., rows, columns]
            arriving = transfer((nominal * of_arrays).flatten(0, 2), hardware.wires)
            of_arrays.copy_(arriving.view_as(nominal) / nominal)
    return shares
