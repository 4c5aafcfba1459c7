"""What the figures share: style, colours, a caption below, names of lines. Loads matplotlib: import in jobs only."""

import os
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recipe.figure_files import save_figure
from recipe.report.choice_letters import choice_letters, letter

Build = ParamSpec("Build")

# Okabe and Ito's palette, distinct with any colour vision; markers differ as well.
COLOURS = {"PTQ": "#D55E00", "QAT": "#0072B2", "float": "#444444"}
PRESETS = {"physical": "#009E73", "paper": "#CC79A7"}
OTHER_PRESETS = ("#E69F00", "#56B4E9", *PRESETS.values())
MARKERS = {"PTQ": "s", "QAT": "o"}
STYLE: dict[Any, Any] = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
}
TICKS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30, 40, 50, 70, 100, 150, 200)
COMPRESSED_SHARE = 0.3
"""Part of the height for what lies far above the rest."""


def styled(build: Callable[Build, Figure]) -> Callable[Build, Figure]:
    """Build a figure in the style of the report."""

    @wraps(build)
    def built(*args: Build.args, **kwargs: Build.kwargs) -> Figure:
        with matplotlib.rc_context(STYLE):
            return build(*args, **kwargs)

    return built


LONGEST_NAME = 10
"""Characters of a row's bits that a plot has room for."""


def short_names(rows: Iterable[str], all_rows: Iterable[str]) -> dict[str, str]:
    """What a plot calls rows of a table: `8`, or for other choices `3 (a)`, which `names_explained` spells out.

    The letters are those of the tables; a single choice, which tables spell out, has one of those that are left.

    :param rows: weight bits, as tables name them
    :param all_rows: those of the whole report
    """
    letters = choice_letters(all_rows)
    names: dict[str, str] = {}
    for row in rows:
        bits, *choices = row.split(" ", 1)
        if choices and len(row) > LONGEST_NAME:
            names[row] = f"{bits} {letters.setdefault(choices[0], f'({letter(len(letters))})')}"
        else:
            names[row] = row
    return names


def names_explained(names: Mapping[str, str]) -> str:
    """For the caption: ` (a): attention_operand_bits=8.`; empty where all names are their own."""
    meanings = {name.split(" ", 1)[-1]: row.split(" ", 1)[-1] for row, name in names.items() if name != row}
    return "".join(f" {mark}: {choices}." for mark, choices in sorted(meanings.items()))


def legend_columns(figure: Figure, labels: Iterable[str]) -> int:
    """How many columns of a legend in font size 9.5 fit the figure, four at most."""
    longest = max((len(line) for label in labels for line in label.splitlines()), default=0)
    return max(1, min(4, round(figure.get_figwidth() * 13) // (longest + 6)))


def add_caption(figure: Figure, text: str) -> None:
    """Write below the figure what it shows, so that it can be read alone."""
    width = round(figure.get_figwidth() * 15)
    figure.supxlabel(textwrap.fill(text, width), x=0.01, ha="left", fontsize=8.5, color="#5d6875")


def save(figure: Figure, paths: Iterable[str | os.PathLike]) -> None:
    """Write a figure of the report to png or svg files; what matplotlib adds while it draws has the same style."""
    for path in paths:
        with matplotlib.rc_context(STYLE):
            save_figure(figure, path)


def preset_colours(presets: Sequence[str]) -> dict[str, str | tuple]:
    """A colour for each preset; `physical` and `paper` always have the same one, many others differ by shade."""
    others = [preset for preset in presets if preset not in PRESETS]
    free = [colour for colour in OTHER_PRESETS if colour not in {PRESETS.get(preset) for preset in presets}]
    if len(others) > len(free):
        return {**PRESETS, **shades(others)}
    return {**PRESETS, **dict(zip(others, free, strict=False))}


def shades(names: Sequence[str]) -> dict[str, tuple]:
    """A colour per name, from dark to light."""
    return dict(zip(names, map(tuple, matplotlib.colormaps["viridis"](np.linspace(0, 0.85, len(names)))), strict=True))


def compress_above(axes: Axes, knee: float) -> None:
    """Make an axis of error rates linear up to `knee` and logarithmic above it, if anything lies far above."""
    drawn = [one.dataLim for one in axes.get_shared_y_axes().get_siblings(axes)]
    low, top = 0.92 * min(limits.y0 for limits in drawn), max(limits.y1 for limits in drawn)
    high = 1.03 * top
    if high > 1.6 * knee:
        high = top * (top / knee) ** 0.12  # room for a marker: an eighth of the compressed part
        _split_scale(axes, low, knee, high)
    axes.set_ylim(low, high)


def _split_scale(axes: Axes, low: float, knee: float, high: float) -> None:
    stretch = COMPRESSED_SHARE / (1 - COMPRESSED_SHARE) * (knee - low) / np.log(high / knee)

    def forward(wer):
        return np.where(wer <= knee, wer, knee + stretch * np.log(np.maximum(wer, knee) / knee))

    def inverse(height):
        return np.where(height <= knee, height, knee * np.exp((np.maximum(height, knee) - knee) / stretch))

    axes.set_yscale("function", functions=(forward, inverse))
    wide = {tick for tick in TICKS if tick % 10 == 0 or tick == 1}
    ticks = [t for t in TICKS if low <= t <= knee or (1.2 * knee < t <= high and t in wide - {40, 70, 150})]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    for shared in axes.get_shared_y_axes().get_siblings(axes):
        shared.axhspan(knee, high, color="#f4f6f8", zorder=0)
        shared.annotate("logarithmic above this line", (0.01, knee), (0, 2), **NOTE)


NOTE: dict[str, Any] = {
    "xycoords": ("axes fraction", "data"),
    "textcoords": "offset points",
    "fontsize": 7.5,
    "color": "#5d6875",
    "va": "bottom",
}


def label_lines(figure: Figure, *all_axes: Axes, line_height_px: float = 17) -> None:
    """Names of the lines at the right edge, level with their last points, pushed apart where they would overlap."""
    figure.draw_without_rendering()  # the layout decides where the points are
    for axes in all_axes:
        lines = [line for line in axes.get_lines() if not str(line.get_label()).startswith("_")]
        ends = [(points[-1], line) for line in lines if len(points := _finite(np.asarray(line.get_xydata())))]
        heights = [line_height_px * (1 + str(line.get_label()).count("\n")) * figure.dpi / 100 for _, line in ends]
        centres = _pushed_apart([axes.transData.transform(end)[1] for end, _ in ends], heights)
        for (end, line), centre in zip(ends, centres, strict=True):
            axes.annotate(
                str(line.get_label()),
                end,
                (1.02, axes.transAxes.inverted().transform((0, centre))[1]),
                textcoords="axes fraction",
                color=line.get_color(),
                va="center",
                fontsize=9.5,
                annotation_clip=False,
                arrowprops={
                    "arrowstyle": "-",
                    "color": line.get_color(),
                    "alpha": 0.35,
                    "linewidth": 0.8,
                    "relpos": (0, 0.5),
                },
            )


def _finite(points: np.ndarray) -> np.ndarray:
    return points[np.isfinite(points).all(axis=1)]


def _pushed_apart(centres: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Centres of labels: those that would overlap are stacked around the mean of their wanted centres."""
    order = sorted(range(len(centres)), key=lambda index: centres[index])
    stacks: list[list[int]] = []
    for index in order:
        stacks.append([index])
        while len(stacks) > 1 and _span(stacks[-2], centres, heights)[1] > _span(stacks[-1], centres, heights)[0]:
            stacks[-2:] = [stacks[-2] + stacks[-1]]
    placed = [0.0] * len(centres)
    for stack in stacks:
        bottom = _span(stack, centres, heights)[0]
        for index in stack:
            placed[index] = bottom + heights[index] / 2
            bottom += heights[index]
    return placed


def _span(stack: Sequence[int], centres: Sequence[float], heights: Sequence[float]) -> tuple[float, float]:
    middle = sum(centres[index] for index in stack) / len(stack)
    half = sum(heights[index] for index in stack) / 2
    return middle - half, middle + half
