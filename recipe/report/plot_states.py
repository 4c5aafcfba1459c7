"""Cell states after programming. Loads matplotlib: import in job runs only."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recipe.errors import InputError
from recipe.report.device_files import DeviceFile
from recipe.report.plot_style import add_caption, shades, styled
from recipe.report.results import bits_order

PANELS = {
    "conductance_us": "conductance of a cell at 0.6 V in µS",
    "pair_value": "value of a pair at full drive, in weight steps",
}
IDEAL = {
    "conductance_us": "dotted: mean of a level over devices",
    "pair_value": "dotted: the written digit",
}
DIGITS = (-1.0, 0.0, 1.0)

Histograms = Mapping[tuple[str, str], tuple[np.ndarray, np.ndarray]]
"""Bin centres [B] and counts [B] by quantity (`conductance_us`, `pair_value`) and what was written."""


def read_states(path: str | Path) -> Histograms:
    """The histograms of a file.

    :raises InputError: when a column is missing
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


@styled
def states_figure(files: Sequence[DeviceFile], ideals_us: Sequence[float], setup_name: str) -> Figure:
    """Histograms after programming, a row per preset: single cells, and pairs against the digit they hold.

    :param files: states of one device per preset and bit width
    :param ideals_us: mean conductance of each level over devices, in microsiemens
    """
    presets = list(dict.fromkeys(file.preset for file in files))
    widths = sorted({file.bits for file in files}, key=bits_order)
    colours = shades(widths)
    figure = Figure(figsize=(10, 1.2 + 2.7 * len(presets)), layout="constrained")
    grid = figure.subplots(len(presets), 2, squeeze=False, sharex="col")
    for preset, row in zip(presets, grid, strict=True):
        ordered = sorted((f for f in files if f.preset == preset), key=lambda file: bits_order(file.bits))
        read = [(file.bits, read_states(file.path)) for file in ordered]
        for axes, quantity, ideals in zip(row, PANELS, (ideals_us, DIGITS), strict=True):
            for bits, histograms in read:
                _draw(axes, histograms, quantity, colours[bits], f"{bits} bit")
            _annotate(axes, quantity, preset, ideals)
    for axes, label in zip(grid[-1], PANELS.values(), strict=True):
        axes.set_xlabel(label)
    grid[0, 0].legend(fontsize=8, frameon=False, loc="upper center")
    devices = ", ".join(dict.fromkeys(f"{file.device} ({file.preset})" for file in files))
    add_caption(
        figure,
        f"Setup {setup_name}; one device per preset and bit width: device {devices}; all mapped layers. Solid: "
        "cells that were set (low resistance) and pairs holding a digit; dashed: unset cells and pairs of 0.",
    )
    return figure


def _annotate(axes: Axes, quantity: str, preset: str, ideals: Sequence[float]) -> None:
    axes.set_yscale("log")
    axes.set_ylim(1e-4, None)
    axes.set_title(f"{preset} preset", fontsize=10, loc="left")
    axes.set_title(IDEAL[quantity], fontsize=8, loc="right", color="#5d6875")
    for ideal in ideals:
        axes.axvline(ideal, color="#444444", linestyle=":", linewidth=1.2)
    axes.set_ylabel("share of its level\nin % per bin", fontsize=9)


def _draw(axes: Axes, histograms: Histograms, quantity: str, colour: tuple, label: str) -> None:
    for (found, written), (centres, counts) in histograms.items():
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
