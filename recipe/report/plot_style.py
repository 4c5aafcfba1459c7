"""What the pictures share: colours, style, a caption within the picture, names of lines. Loads matplotlib."""

import textwrap
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np

from recipe.files import written_aside

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (after the choice of the backend)

# Okabe and Ito's palette: told apart with any colour vision; markers say the same once more.
COLOURS = {"PTQ": "#D55E00", "QAT": "#0072B2", "float": "#444444"}
PRESETS = {"physical": "#009E73", "paper": "#CC79A7"}
OTHER_PRESETS = ("#E69F00", "#56B4E9", *PRESETS.values())
MARKERS = {"PTQ": "s", "QAT": "o"}
STYLE = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "svg.hashsalt": "report",
    "svg.fonttype": "path",
}
TICKS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 25, 30, 40, 50, 70, 100, 150, 200)
COMPRESSED_SHARE = 0.3  # of the height, for what lies far above the rest


def preset_colours(presets: Sequence[str]) -> dict[str, str | tuple]:
    """A colour for each preset, and always the same one for ours; many others are told apart by shade."""
    others = [preset for preset in presets if preset not in PRESETS]
    if len(others) > len(OTHER_PRESETS):
        return PRESETS | shades(others)
    return PRESETS | dict(zip(others, OTHER_PRESETS, strict=False))


def shades(names: Sequence[str]) -> dict[str, tuple]:
    """A colour per name, from dark to light."""
    return dict(zip(names, map(tuple, matplotlib.colormaps["viridis"](np.linspace(0, 0.85, len(names)))), strict=True))


def save(figure, paths: Mapping[str, str], caption: str = "") -> None:
    """
    :param caption: written below the picture, so that it can be read alone
    :param paths: file per format, `png` and `svg`; equal figures give equal bytes
    """
    if caption:
        width = round(figure.get_figwidth() * 15)
        figure.supxlabel(textwrap.fill(caption, width), x=0.01, ha="left", fontsize=8.5, color="#5d6875")
    for picture_format, path in paths.items():
        metadata = {"Date": None} if picture_format == "svg" else {"Software": None}
        with written_aside(path) as scratch:
            figure.savefig(scratch, format=picture_format, dpi=150, metadata=metadata, facecolor="white")
    pyplot.close(figure)


def compress_above(axes, knee: float) -> None:
    """A linear axis of error rates up to `knee`, logarithmic above it, where that leaves the rest room to be read."""
    drawn = [one.dataLim for one in axes.get_shared_y_axes().get_siblings(axes)]
    low, high = 0.92 * min(limits.y0 for limits in drawn), 1.03 * max(limits.y1 for limits in drawn)
    if high > 1.6 * knee:
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
    axes.set_ylim(low, high)


NOTE = {
    "xycoords": ("axes fraction", "data"),
    "textcoords": "offset points",
    "fontsize": 7.5,
    "color": "#5d6875",
    "va": "bottom",
}


def label_lines(figure, *all_axes, line_height_px: float = 17) -> None:
    """Names of the lines at the right edge, level with their last points, pushed apart where they would overlap."""
    figure.draw_without_rendering()  # the layout decides where the points are
    for axes in all_axes:
        lines = [line for line in axes.get_lines() if not line.get_label().startswith("_")]
        ends = [(points[-1], line) for line in lines if len(points := _finite(line.get_xydata()))]
        heights = [line_height_px * (1 + line.get_label().count("\n")) * figure.dpi / 100 for _, line in ends]
        centres = _pushed_apart([axes.transData.transform(end)[1] for end, _ in ends], heights)
        for (end, line), centre in zip(ends, centres, strict=True):
            axes.annotate(
                line.get_label(),
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
    """Labels that would overlap are stacked about the middle of where they wanted to be."""
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
