"""What crossbars do while a model runs: vectors, conversions, and the power in their cells, without a current per cell.

At line voltage U a pair with states r+ and r- takes the power |U| [2 L(U) - (r+ + r-) (L - H)(U)], with L and H the
magnitudes of the currents in the states 0 and 1. Over the columns and planes of a row, only the sum of the states
remains: two tables of the line voltage, summed over the vectors, and one number per row give the exact sum over all
cells.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from math import prod
from typing import Any

import numpy as np
import torch
from torch import nn

from memristor_sim.cells.cell import ReadLaw
from memristor_sim.components import Dac
from memristor_sim.converters import line_voltages, to_levels_
from memristor_sim.crossbar import Crossbar
from memristor_sim.energy import LayerWork
from memristor_sim.modules.conv import ConvCrossbar

SUM_BYTES = 2
"""Of what a tile of rows gives after its planes are added."""


def power_tables(law: ReadLaw, dac: Dac) -> np.ndarray:
    """At each level of the DAC, |U| L(U) and |U| (L - H)(U): watts, float64 [2, levels]."""
    voltage_v, _ = line_voltages(law, dac)
    low, high = law.extreme_magnitudes(voltage_v)
    return np.abs(voltage_v) * np.stack([low, low - high])


class WorkMeter:
    """Counts the reads of one crossbar."""

    def __init__(self, crossbar: Crossbar):
        self.crossbar = crossbar
        self.vectors = 0
        self.summed_power_w = 0.0
        self._states, self._shares = crossbar.sums_of_rows()
        self._tables = torch.from_numpy(power_tables(crossbar.law, crossbar.dac)).to(self._states.device)

    def count(self, x: torch.Tensor, full_scale: torch.Tensor | float = 1.0) -> None:
        """Add the reads of an input as Crossbar.forward takes it."""
        mapping = self.crossbar.mapping
        with torch.no_grad():
            levels = to_levels_(x.float() / full_scale, self.crossbar.dac)
            values = self._tables[:, levels.flatten()].view(2, *levels.shape)
            low, difference = self._per_row(values, mapping.groups)
            self.summed_power_w += float((self._shares * low).sum() - (self._states * difference).sum())
        self.vectors += self._vectors(levels.shape)

    def _per_row(self, values: torch.Tensor, groups: int) -> torch.Tensor:
        """Sums over all vectors of what drives each row: [2, groups, rows].

        :param values: [2, ..., I], or [2, S, channels, *axes] of a convolution.
        """
        crossbar = self.crossbar
        if not isinstance(crossbar, ConvCrossbar):
            return values.reshape(2, -1, values.shape[-1]).sum(1).unsqueeze(1)  # an input of one vector is [2, I]
        taps = []
        for place in product(*map(range, crossbar.kernel)):
            seen = [
                slice(k * d, k * d + (n - 1) * s + 1, s)
                for k, d, s, n in zip(
                    place, crossbar.dilation, crossbar.stride, crossbar.positions(values.shape[3:]), strict=True
                )
            ]
            index: tuple[Any, ...] = (..., *seen)
            taps.append(values[index].flatten(3).sum((1, 3)))  # [2, channels]
        return torch.stack(taps, -1).view(2, groups, -1)

    def _vectors(self, shape: torch.Size) -> int:
        if isinstance(self.crossbar, ConvCrossbar):
            return shape[0] * prod(self.crossbar.positions(shape[2:]))
        return prod(shape[:-1])

    def work(self, name: str) -> LayerWork:
        """What was counted so far."""
        mapping = self.crossbar.mapping
        row_tiles, column_tiles = len(mapping.row_slices()), len(mapping.column_slices())
        inputs, outputs = mapping.groups * mapping.rows, mapping.groups * mapping.columns
        pairs = mapping.planes * mapping.groups * row_tiles * column_tiles
        input_bytes = -(-self.crossbar.dac.bits // 8) * inputs * (1 + column_tiles)
        return LayerWork(
            name=name,
            vectors=self.vectors,
            summed_power_w=self.summed_power_w,
            dac_conversions=self.vectors * mapping.planes * inputs * column_tiles,
            adc_conversions=self.vectors * mapping.planes * outputs * row_tiles,
            adc_bits=self.crossbar.adc.bits,
            buffer_bytes=self.vectors * (input_bytes + SUM_BYTES * 2 * outputs * row_tiles),
            multiply_adds=self.vectors * inputs * mapping.columns,
            pairs=pairs,
            cells=2 * pairs * mapping.tile_rows * mapping.tile_columns,
        )


@contextmanager
def recorded_work(model: nn.Module) -> Iterator[dict[str, WorkMeter]]:
    """Within the context, forwards of `model` count; yields the meter of each crossbar by module name.

    What the model computes is the same, bit by bit; outside the context there is nothing that costs time. States must
    not be written within it.
    """

    def count(crossbar: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        of_module[crossbar].count(*args, **kwargs)

    crossbars = {name: module for name, module in model.named_modules() if isinstance(module, Crossbar)}
    meters = {name: WorkMeter(crossbar) for name, crossbar in crossbars.items()}
    of_module: dict[nn.Module, WorkMeter] = {meter.crossbar: meter for meter in meters.values()}
    hooks = [crossbar.register_forward_pre_hook(count, with_kwargs=True) for crossbar in crossbars.values()]
    try:
        yield meters
    finally:
        for hook in hooks:
            hook.remove()


def layers_of(meters: dict[str, WorkMeter]) -> list[LayerWork]:
    """The work of every crossbar that `recorded_work` yielded, under the name of its layer."""
    return [meter.work(name.removesuffix(".crossbar")) for name, meter in meters.items()]
