"""What hardware does to a model: clipping converters, programmed cells. Loads matplotlib: import in job runs only."""

import csv
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.colors import LogNorm

from recipe.errors import InputError
from recipe.report.plot_style import STYLE, pyplot, save, shades
from recipe.report.results import bits_order

CONVERTERS = {"adc": "ADC", "dac": "DAC"}
LEAST_PERCENT = 0.001  # lighter colours say no more
TEXT_BLOCKS = 6  # more columns leave no room for figures
MAPS_PER_ROW = 5


@dataclass(frozen=True, kw_only=True)
class Run:
    """One device and a file about it."""

    bits: str
    preset: str
    device: int
    path: str


def read_clip_rates(path: str | Path) -> dict[str, dict[str, float]]:
    """Clip rates in percent: converter to layer to rate.

    :raises InputError: a column is missing or there is no layer
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"layer", "dac_rate", "adc_rate"} <= set(rows[0]):
        raise InputError(f"{path} holds no clip rates; it needs the columns layer, dac_rate, adc_rate and one layer")
    return {name: {row["layer"]: 100 * float(row[f"{name}_rate"]) for row in rows} for name in CONVERTERS}


def plot_clipping(runs: Sequence[Run], setup_name: str, converter: str, paths: Mapping[str, str]) -> None:
    """Share of conversions that clip, per layer: a map of layer kind by block for each preset and bit width.

    :param converter: `adc` or `dac`
    """
    read = {run: read_clip_rates(run.path)[converter] for run in runs}
    presets = list(dict.fromkeys(run.preset for run in runs))
    bits = sorted({run.bits for run in runs}, key=bits_order)
    layers = list(dict.fromkeys(layer for rates in read.values() for layer in rates))
    kinds, blocks = (list(dict.fromkeys(parts)) for parts in zip(*map(kind_and_block, layers), strict=True))
    pairs = list(itertools.product(presets, bits))
    rate = {
        (*pair, layer): np.mean([read[r][layer] for r in read if (r.preset, r.bits) == pair] or np.nan)
        for pair in pairs
        for layer in layers
    }
    highest = max(10 * LEAST_PERCENT, np.nanmax(list(rate.values())))
    with pyplot.rc_context(STYLE | {"axes.grid": False}):
        # A row of bit widths for each preset; presets of one width only, as in a sweep, go on in the next row.
        columns = len(bits) if len(bits) > 1 else min(len(presets), MAPS_PER_ROW)
        rows = math.ceil(len(presets) * len(bits) / columns)
        size = max(10, 2 + 0.22 * len(blocks) * columns), 1.5 + rows * (0.8 + 0.26 * len(kinds))
        figure, grid = pyplot.subplots(
            rows, columns, figsize=size, squeeze=False, sharex=True, sharey=True, layout="constrained"
        )
        for axes, (preset, width) in itertools.zip_longest(grid.flat, pairs, fillvalue=(None, None)):
            if preset is None:
                axes.set_visible(False)
                continue
            values = np.full((len(kinds), len(blocks)), np.nan)
            for layer in layers:
                kind, block = kind_and_block(layer)
                values[kinds.index(kind), blocks.index(block)] = rate[preset, width, layer]
            picture = _map(axes, values, LogNorm(LEAST_PERCENT, highest), with_text=len(blocks) <= TEXT_BLOCKS)
            axes.set_title(f"{width} bit, {preset}", fontsize=9, loc="left")
            axes.set_yticks(range(len(kinds)), kinds, fontsize=8)
            axes.set_xticks(range(len(blocks)), blocks, fontsize=8)
            if axes in grid[-1]:
                axes.set_xlabel("block", fontsize=9)
        bar = figure.colorbar(picture, ax=grid, shrink=0.8)
        bar.set_label(f"clipped {CONVERTERS[converter]} conversions in %\n(log scale; white: none)", fontsize=9)
        of_pair = [(run.preset, run.bits) for run in runs]
        devices = sorted({of_pair.count(pair) for pair in of_pair})
        name = CONVERTERS[converter]
        save(
            figure,
            paths,
            f"Setup {setup_name}; presets {', '.join(presets)}; mean over {' to '.join(map(str, devices))} devices per "
            f"map. Counted over the first minute of speech: conversions beyond the range of the {name}.",
        )


def kind_and_block(layer: str) -> tuple[str, str]:
    """`blocks.3.attention.qkv` -> (`attention.qkv`, `3`)."""
    found = re.fullmatch(r"(?:.*?\.)?(\d+)\.(.+)", layer)
    return (found[2], found[1]) if found else (layer, "")


def _map(axes, values: np.ndarray, norm: LogNorm, with_text: bool):
    shown = np.ma.masked_where(~(values > 0), np.maximum(values, LEAST_PERCENT))
    picture = axes.imshow(shown, norm=norm, cmap="Blues", aspect="auto")
    if with_text:
        for (row, column), value in np.ndenumerate(values):
            dark = norm(max(value, LEAST_PERCENT)) > 0.6
            axes.text(
                column, row, share_text(value), ha="center", va="center", fontsize=6.5, color="w" if dark else "k"
            )
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


def read_states(path: str | Path) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Histograms by quantity (`conductance_us`, `pair_value`) and written level: bin centres [B] and counts [B].

    :raises InputError: a column is missing
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"quantity", "written", "centre", "count"} <= set(rows[0]):
        raise InputError(f"{path} holds no cell states; it needs the columns quantity, written, centre, count")
    keys = dict.fromkeys((row["quantity"], row["written"]) for row in rows)
    found = {key: [row for row in rows if (row["quantity"], row["written"]) == key] for key in keys}
    return {
        key: (np.array([float(r["centre"]) for r in of]), np.array([float(r["count"]) for r in of]))
        for key, of in found.items()
    }


PANELS = {
    "conductance_us": "conductance of a cell at 0.6 V in µS",
    "pair_value": "value of a pair at full drive, in weight steps",
}
IDEAL = {
    "conductance_us": "dotted: mean of a level over devices",
    "pair_value": "dotted: the written digit",
}


def plot_states(runs: Sequence[Run], ideals_us: Sequence[float], setup_name: str, paths: Mapping[str, str]) -> None:
    """How cells lie after programming, a row per preset: single cells, and pairs against the digit they hold.

    :param runs: one device per preset and bit width
    :param ideals_us: mean conductance of each level over devices
    """
    presets = list(dict.fromkeys(run.preset for run in runs))
    colours = shades(sorted({run.bits for run in runs}, key=bits_order))
    with pyplot.rc_context(STYLE):
        figure, grid = pyplot.subplots(
            len(presets), 2, figsize=(10, 1.2 + 2.7 * len(presets)), squeeze=False, sharex="col", layout="constrained"
        )
        for row, preset in enumerate(presets):
            for column, quantity in enumerate(PANELS):
                axes = grid[row, column]
                for run in sorted((r for r in runs if r.preset == preset), key=lambda run: bits_order(run.bits)):
                    _histograms(axes, read_states(run.path), quantity, colours[run.bits], f"{run.bits} bit")
                axes.set_yscale("log")
                axes.set_ylim(1e-4, None)
                axes.set_title(f"{preset} preset", fontsize=10, loc="left")
                axes.set_title(IDEAL[quantity], fontsize=8, loc="right", color="#5d6875")
                for ideal in ideals_us if quantity == "conductance_us" else (-1, 0, 1):
                    axes.axvline(ideal, color="#444444", linestyle=":", linewidth=1.2)
                axes.set_ylabel("share of its level\nin % per bin", fontsize=9)
                if row == len(presets) - 1:
                    axes.set_xlabel(PANELS[quantity])
        grid[0, 0].legend(fontsize=8, frameon=False, loc="upper center")
        devices = ", ".join(dict.fromkeys(f"{run.device} ({run.preset})" for run in runs))
        save(
            figure,
            paths,
            f"Setup {setup_name}; one device per preset and bit width: device {devices}; all mapped layers. Solid: "
            "cells that were set (low resistance) and pairs holding a digit; dashed: unset cells and pairs of 0.",
        )


def _histograms(axes, read: dict, quantity: str, colour, label: str) -> None:
    for (found, written), (centres, counts) in read.items():
        if found == quantity and counts.sum():
            share = 100 * counts / counts.sum()
            axes.step(
                centres,
                np.where(share > 0, share, np.nan),
                where="mid",
                color=colour,
                linestyle="--" if written == "0" else "-",
                linewidth=1.3,
                label=label if written == "1" else "_",
            )
