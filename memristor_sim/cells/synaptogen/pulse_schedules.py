"""Pulse schedules on an array of cells: conditioning, binary and multi-level writing, read-verify-rewrite."""

from functools import cache

import numpy as np
import torch

from memristor_sim.cells.synaptogen.cycle_law import cycles_of
from memristor_sim.cells.synaptogen.parameters import Parameters
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from memristor_sim.components import WRITE_V, Cycles, RandomPulses, Verify, Writing
from memristor_sim.iv import read_current


def conditioned(
    parameters: Parameters,
    shape: int | tuple[int, ...],
    conditioning: Cycles | RandomPulses,
    random: np.random.Generator,
    *,
    play: bool = False,
) -> PulsedCells:
    """Cells with a history, sampled from the law of its outcome or, with `play`, pulse by pulse (the reference)."""
    if not play:
        return PulsedCells(parameters, shape, random, cycles=cycles_of(parameters, conditioning, random))
    if isinstance(conditioning, Cycles):
        pulses_v = np.tile([-WRITE_V, WRITE_V], conditioning.count)
    else:
        pulses_v = random.uniform(-conditioning.amplitude_v, conditioning.amplitude_v, conditioning.count)
    cells = PulsedCells(parameters, shape, random)
    for pulse_v in pulses_v:
        cells.apply(float(pulse_v))
    return cells


def write(cells: PulsedCells, targets: torch.Tensor, levels: int, *, only: torch.Tensor | None = None) -> None:
    """Reset all, set those above level 0, then reset those between 0 and the top partially, level by level.

    :param targets: [M] uint8, from 0 (high resistance) to levels - 1 (low resistance).
    :param only: [M] bool, the cells that get the pulses; all when None. Those in high resistance are set first, so
        that they draw new features as well.
    """
    selected = torch.ones_like(cells.is_low) if only is None else only
    if only is not None:
        cells.apply(-WRITE_V * selected)
    cells.apply(WRITE_V * selected)
    cells.apply(-WRITE_V * (selected & (targets > 0)))
    for level, pulse_v in enumerate(partial_reset_v(cells.parameters, levels), start=1):
        cells.apply(pulse_v * (selected & (targets == level)))


def rewrite_outliers(cells: PulsedCells, targets: torch.Tensor, levels: int, verify: Verify) -> list[int]:
    """Read all cells and rewrite those that are off by more than the tolerance, until none is or no round is left.

    A cell is compared with the mean state of its level, at the voltage of the read: the published correction compares
    with 0 and 1, which no cell reads, and so rewrites nearly all (docs/deviations.md).

    :return: the number of cells that were off before each round and after the last.
    """
    means = torch.as_tensor(level_states(cells.parameters, levels), dtype=torch.float32, device=cells.state.device)
    mean_currents = read_current(cells.parameters, means, verify.read_v)
    wanted = mean_currents[targets.long()]
    tolerance_a = verify.tolerance * float(mean_currents[-1] - mean_currents[0]) / (levels - 1)
    off_counts = []
    for rounds_left in range(verify.rounds, -1, -1):
        off = (read_current(cells.parameters, cells.state, verify.read_v) - wanted).abs() > tolerance_a
        off_counts.append(int(off.sum()))
        if not off_counts[-1] or not rounds_left:
            break
        write(cells, targets, levels, only=off)
    return off_counts


def written_states(parameters: Parameters, levels: np.ndarray, writing: Writing, stream: np.random.SFC64) -> np.ndarray:
    """States of a new array that is conditioned, written and verified.

    :param levels: target levels, uint8 of any shape.
    :return: float16, same shape.
    """
    random = np.random.Generator(stream)
    cells = conditioned(parameters, levels.shape, writing.conditioning, random, play=writing.play_pulses)
    targets = torch.from_numpy(levels)
    write(cells, targets, writing.levels)
    if writing.verify is not None:
        rewrite_outliers(cells, targets, writing.levels, writing.verify)
    return cells.state.numpy().astype(np.float16)


_TYPICAL_CYCLES = 8  # of 50 random pulses; levels barely depend on it
_SAMPLE = 20_000  # cells that the constants below are means of; more change them by less than 0.1 % of a level


@cache
def level_states(parameters: Parameters, levels: int) -> tuple[float, ...]:
    """Mean state of a typical array's cells on each level, from high to low resistance, evenly spaced."""
    cells = PulsedCells(parameters, _SAMPLE, np.random.Generator(np.random.SFC64(0)), cycles=_TYPICAL_CYCLES)
    top = float(cells.state.mean())
    cells.apply(-WRITE_V)
    return tuple(np.linspace(top, float(cells.state.mean()), levels).tolist())


@cache
def partial_reset_v(parameters: Parameters, levels: int) -> tuple[float, ...]:
    """Voltage whose partial reset of set cells gives, on average, the state of level 1, 2, ... levels - 2 [V]."""
    if levels == 2:
        return ()
    voltages_v = np.linspace(0.5, 1.45, 96)
    means = []
    cells = PulsedCells(parameters, _SAMPLE, np.random.Generator(np.random.SFC64(0)), cycles=_TYPICAL_CYCLES)
    cells.apply(-WRITE_V)
    for voltage_v in voltages_v:  # a ramp: the transition depends on the highest voltage only
        cells.apply(float(voltage_v))
        means.append(float(cells.state.mean()))
    return tuple(np.interp(level_states(parameters, levels)[1:-1], means, voltages_v).tolist())
