"""How often converters clip, per layer. Loads matplotlib: import in job runs only."""

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from recipe.errors import InputError
from recipe.report import numbers
from recipe.report.device_files import DeviceFile
from recipe.report.plot_style import add_caption, styled
from recipe.report.results import bits_order

CONVERTERS = {"adc": "ADC", "dac": "DAC"}
LEAST_PERCENT = 0.001
"""The lightest colour; less than this looks the same."""
TEXT_BLOCKS = 6
"""With more blocks a map has no room for figures."""
MAPS_PER_ROW = 5


@dataclass(frozen=True)
class ClipMaps:
    """Clip rates in percent as maps of layer kind by block, one for each preset and bit width."""

    kinds: list[str]
    """`attention.qkv`, from top to bottom."""
    blocks: list[str]
    """Numbers of the blocks, from left to right."""
    maps: dict[tuple[str, str], np.ndarray]
    """[kinds, blocks], mean over devices, nan where there is no such layer; by preset and bits."""

    @property
    def columns(self) -> int:
        """A row of bit widths for each preset; presets of a single width, as in a sweep, share rows."""
        presets, widths = (len(set(names)) for names in zip(*self.maps, strict=True))
        return widths if widths > 1 else min(presets, MAPS_PER_ROW)

    @property
    def rows(self) -> int:
        """As many as the maps fill."""
        return math.ceil(len(self.maps) / self.columns)


def read_clip_rates(path: str | Path) -> dict[str, dict[str, float]]:
    """Clip rates in percent: converter to layer to rate.

    :raises InputError: when a column is missing or there is no layer
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"layer", "dac_rate", "adc_rate"} <= set(rows[0]):
        raise InputError(f"{path} holds no clip rates; it needs the columns layer, dac_rate, adc_rate and one layer")
    return {name: {row["layer"]: 100 * float(row[f"{name}_rate"]) for row in rows} for name in CONVERTERS}


def clip_maps(files: Sequence[DeviceFile], converter: str) -> ClipMaps:
    """The maps of all files; layers of the same kind and block of several devices are averaged."""
    read = [(file, read_clip_rates(file.path)[converter]) for file in files]
    layers = dict.fromkeys(layer for _, rates in read for layer in rates)
    kinds, blocks = (list(dict.fromkeys(names)) for names in zip(*map(kind_and_block, layers), strict=True))
    widths = sorted({file.bits for file in files}, key=bits_order)
    maps = {}
    for pair in product(dict.fromkeys(file.preset for file in files), widths):
        maps[pair] = np.full((len(kinds), len(blocks)), np.nan)
        of_pair = [rates for file, rates in read if (file.preset, file.bits) == pair]
        for layer in layers if of_pair else ():
            kind, block = kind_and_block(layer)
            maps[pair][kinds.index(kind), blocks.index(block)] = np.mean([rates[layer] for rates in of_pair])
    return ClipMaps(kinds, blocks, maps)


@styled
def clipping_figure(files: Sequence[DeviceFile], setup_name: str, converter: str) -> Figure:
    """Share of conversions that clip, per layer: a map of layer kind by block for each preset and bit width.

    :param converter: `adc` or `dac`
    """
    found = clip_maps(files, converter)
    highest = max(10 * LEAST_PERCENT, max(np.nanmax(values, initial=0) for values in found.maps.values()))
    norm = LogNorm(LEAST_PERCENT, highest)
    figure, grid = _grid(found)
    for axes in grid.flat[len(found.maps) :]:
        axes.set_visible(False)
    for axes, ((preset, width), values) in zip(grid.flat, found.maps.items(), strict=False):
        axes.grid(False)
        picture = _draw_map(axes, values, norm)
        axes.set_title(f"{width} bit, {preset}", fontsize=9, loc="left")
        axes.set_yticks(range(len(found.kinds)), found.kinds, fontsize=8)
        axes.set_xticks(range(len(found.blocks)), found.blocks, fontsize=8)
        if axes in grid[-1]:
            axes.set_xlabel("block", fontsize=9)
    name = CONVERTERS[converter]
    bar = figure.colorbar(picture, ax=grid, shrink=0.8)
    bar.set_label(f"clipped {name} conversions in %\n(log scale; white: none)", fontsize=9)
    add_caption(figure, _caption(files, setup_name, name))
    return figure


def _grid(found: ClipMaps) -> tuple[Figure, np.ndarray]:
    """Axes in rows and columns, as large as their maps need."""
    size = max(10, 2 + 0.22 * len(found.blocks) * found.columns), 1.5 + found.rows * (0.8 + 0.26 * len(found.kinds))
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(found.rows, found.columns, squeeze=False, sharex=True, sharey=True)


def _caption(files: Sequence[DeviceFile], setup_name: str, converter: str) -> str:
    pairs = [(file.preset, file.bits) for file in files]
    devices = sorted({pairs.count(pair) for pair in pairs})
    return (
        f"Setup {setup_name}; {', '.join(dict.fromkeys(file.preset for file in files))}; mean over "
        f"{numbers.span(devices, 'device')} per map. Counted over the first minute of speech: conversions "
        f"beyond the range of the {converter}."
    )


def kind_and_block(layer: str) -> tuple[str, str]:
    """`blocks.3.attention.qkv` -> (`attention.qkv`, `3`)."""
    found = re.fullmatch(r"(?:.*?\.)?(\d+)\.(.+)", layer)
    return (found[2], found[1]) if found else (layer, "")


def _draw_map(axes: Axes, values: np.ndarray, norm: LogNorm) -> AxesImage:
    shown = np.ma.masked_where(~(values > 0), np.maximum(values, LEAST_PERCENT))
    picture = axes.imshow(shown, norm=norm, cmap="Blues", aspect="auto")
    if values.shape[1] <= TEXT_BLOCKS:
        for (row, column), value in np.ndenumerate(values):
            colour = "w" if norm(max(value, LEAST_PERCENT)) > 0.6 else "k"
            axes.text(column, row, share_text(value), ha="center", va="center", fontsize=6.5, color=colour)
    return picture


def share_text(percent: float) -> str:
    """At most four characters."""
    if np.isnan(percent):
        return ""
    if percent == 0:
        return "0"
    if percent < 0.01:
        return "<.01"
    return f"{percent:.2f}".removeprefix("0") if percent < 10 else f"{percent:.0f}"
