"""Pulse schedules on an array of cells: conditioning, binary and multi-level writing, read-verify-rewrite."""

from functools import cache

import numpy as np
import torch

from memristor_sim.cells.synaptogen.cycle_law import cycles_of
from memristor_sim.cells.synaptogen.pulsed_cells import Cells
from memristor_sim.hardware import WRITE_V, Cycles, Hardware, RandomPulses, Verify
from memristor_sim.iv import read_current


def conditioned(
    shape: int | tuple[int, ...],
    conditioning: Cycles | RandomPulses,
    random: np.random.Generator,
    *,
    play: bool = False,
) -> Cells:
    """Cells with a history: sampled from the law of its outcome, or played pulse by pulse (the reference)."""
    if not play:
        return Cells(shape, random, cycles=cycles_of(conditioning, random))
    if isinstance(conditioning, Cycles):
        pulses_v = np.tile([-WRITE_V, WRITE_V], conditioning.count)
    else:
        pulses_v = random.uniform(-conditioning.amplitude_v, conditioning.amplitude_v, conditioning.count)
    cells = Cells(shape, random)
    for pulse_v in pulses_v:
        cells.apply(float(pulse_v))
    return cells


def write(cells: Cells, targets: torch.Tensor, levels: int, *, only: torch.Tensor | None = None) -> None:
    """Reset all, set those above level 0, then reset those between 0 and the top partially, level by level.

    :param targets: [M] uint8, from 0 (high resistance) to levels - 1 (low resistance).
    :param only: [M] bool, the cells that get the pulses; all when None. Cells in high resistance among them are set
        first, so that they draw new features, too.
    """
    selected = torch.ones_like(cells.is_low) if only is None else only
    if only is not None:
        cells.apply(-WRITE_V * selected)
    cells.apply(WRITE_V * selected)
    cells.apply(-WRITE_V * (selected & (targets > 0)))
    for level, pulse_v in enumerate(partial_reset_v(levels), start=1):
        cells.apply(pulse_v * (selected & (targets == level)))


def rewrite_outliers(cells: Cells, targets: torch.Tensor, levels: int, verify: Verify) -> list[int]:
    """Read all cells, write again those that are off by more than the tolerance, until none is or rounds are over.

    A cell is compared with the mean state of its level, at the voltage of the read: the published correction compares
    with 0 and 1, which no cell reads, and so rewrites nearly all (docs/deviations.md).
    :return: how many cells were off, per round, and after the last.
    """
    means = torch.as_tensor(level_states(levels), dtype=torch.float32, device=cells.state.device)
    mean_currents = read_current(means, verify.read_v)
    wanted = mean_currents[targets.long()]
    tolerance_a = verify.tolerance * float(mean_currents[-1] - mean_currents[0]) / (levels - 1)
    off_counts = []
    for rounds_left in range(verify.rounds, -1, -1):
        off = (read_current(cells.state, verify.read_v) - wanted).abs() > tolerance_a
        off_counts.append(int(off.sum()))
        if not off_counts[-1] or not rounds_left:
            break
        write(cells, targets, levels, only=off)
    return off_counts


def written(targets: np.ndarray, hardware: Hardware, random: np.random.Generator) -> Cells:
    """A new array in the shape of `targets`, conditioned, written and verified as the hardware says."""
    cells = conditioned(targets.shape, hardware.conditioning, random, play=hardware.play_pulses)
    targets = torch.from_numpy(targets)
    write(cells, targets, hardware.levels)
    if hardware.verify is not None:
        rewrite_outliers(cells, targets, hardware.levels, hardware.verify)
    return cells


_SAMPLE = 20_000  # cells behind the constants below; they move by less than 0.1 % of a level with more


@cache
def level_states(levels: int) -> tuple[float, ...]:
    """Mean state of a typical array's cells on each level, from high to low resistance, evenly spaced."""
    cells = Cells(_SAMPLE, np.random.Generator(np.random.SFC64(0)), cycles=_TYPICAL_CYCLES)
    top = float(cells.state.mean())
    cells.apply(-WRITE_V)
    return tuple(np.linspace(top, float(cells.state.mean()), levels).tolist())


@cache
def partial_reset_v(levels: int) -> tuple[float, ...]:
    """Voltage whose partial reset of set cells gives, on average, the state of level 1, 2, ... levels - 2 [V]."""
    if levels == 2:
        return ()
    voltages_v = np.linspace(0.5, 1.45, 96)
    means = []
    cells = Cells(_SAMPLE, np.random.Generator(np.random.SFC64(0)), cycles=_TYPICAL_CYCLES)
    cells.apply(-WRITE_V)
    for voltage_v in voltages_v:  # a ramp: the transition depends on the highest voltage only
        cells.apply(float(voltage_v))
        means.append(float(cells.state.mean()))
    return tuple(np.interp(level_states(levels)[1:-1], means, voltages_v).tolist())


_TYPICAL_CYCLES = 8  # of 50 random pulses; levels barely depend on it
