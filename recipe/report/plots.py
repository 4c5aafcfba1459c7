"""Pictures of the report. Matplotlib is loaded here: import this module in job runs only."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np

from recipe.errors import InputError
from recipe.files import written_aside
from recipe.report import paper
from recipe.report.results import Results, bits_order, wers

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  (after the choice of the backend)

# Okabe and Ito's palette: told apart with any colour vision; markers say the same once more.
COLOURS = {"PTQ": "#D55E00", "QAT": "#0072B2", "float": "#444444"}
MEMRISTOR_COLOURS = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PAPER_MEMRISTOR = "#009E73"
DODGE = {"PTQ": -0.06, "QAT": 0.06}  # the intervals of two digital rows stay apart
MARKERS = {"PTQ": "s", "QAT": "o"}
WER_TICKS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 50, 100)
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


def save(figure, paths: Mapping[str, str]) -> None:
    """:param paths: file per format, `png` and `svg`; equal figures give equal bytes"""
    for picture_format, path in paths.items():
        metadata = {"Date": None} if picture_format == "svg" else {"Software": None}
        with written_aside(path) as scratch:
            figure.savefig(scratch, format=picture_format, dpi=150, metadata=metadata, facecolor="white")
    pyplot.close(figure)


def plot_wer(results: Results, setup_name: str, part: str, paths: Mapping[str, str]) -> None:
    """WER against weight bits: ours (one faint dot per device, 95 % intervals of digital rows) and the paper's."""
    with pyplot.rc_context(STYLE):
        bits = sorted({*results.bits("PTQ", "QAT", "memristor"), *paper.PTQ, *paper.QAT}, key=bits_order)
        figure, (ours, published) = pyplot.subplots(1, 2, figsize=(10, 4.6), sharey=True, layout="constrained")
        _draw_ours(ours, results, part, bits)
        ours.set_title(f"{setup_name}, {part} ({results.size(part)})", fontsize=11, loc="left")
        _draw_paper(published, [width for width in bits if width.isdigit()])
        published.set_title("paper: TED-LIUM 2, dev", fontsize=11, loc="left")
        ours.set_ylabel("word error rate in % (log scale)")
        ours.set_yscale("log")
        low, high = ours.get_ylim()
        ticks = [tick for tick in WER_TICKS if low <= tick <= high]
        ours.set_yticks(ticks, [str(tick) for tick in ticks])
        ours.minorticks_off()
        _label_lines(figure, ours, published)
        save(figure, paths)


def _draw_ours(axes, results: Results, part: str, bits: Sequence[str]) -> None:
    for kind in ("PTQ", "QAT"):
        points = {b: r for b in bits if (r := results.digital(kind, b, part))}
        _line(axes, bits, {b: r.wer_percent for b, r in points.items()}, kind, COLOURS[kind], MARKERS[kind])
        for width, result in points.items():
            x = bits.index(width) + DODGE[kind]
            axes.vlines(x, *result.interval95_percent, color=COLOURS[kind], alpha=0.45, linewidth=1.5)
    for number, preset in enumerate(results.presets()):
        colour = MEMRISTOR_COLOURS[number % len(MEMRISTOR_COLOURS)]
        for scales in ("tuned", "fixed"):
            rows = {b: wers(found) for b in bits if (found := results.devices(b, preset, part, scales))}
            if rows:
                break
        for width, rates in rows.items():
            x = np.full(len(rates), bits.index(width) + 0.1 * (number + 1))
            axes.plot(x, rates, "o", color=colour, alpha=0.35, markersize=4.5, mew=0)
        label = f"memristor, {preset}\npreset, {scales} scales"
        _line(axes, bits, {b: rates.mean() for b, rates in rows.items()}, label, colour, "D")
    baseline = results.baseline(part)
    _finish(axes, bits, baseline.wer_percent if baseline else None)


def _draw_paper(axes, bits: Sequence[str]) -> None:
    _line(axes, bits, paper.PTQ, "PTQ", COLOURS["PTQ"], MARKERS["PTQ"])
    _line(axes, bits, paper.QAT, "QAT", COLOURS["QAT"], MARKERS["QAT"])
    for width, row in paper.MEMRISTOR.items():
        axes.vlines(bits.index(width), row.min, row.max, color=PAPER_MEMRISTOR, alpha=0.35, linewidth=4)
    means = {width: row.mean for width, row in paper.MEMRISTOR.items()}
    _line(axes, bits, means, "memristor,\nfixed scales", PAPER_MEMRISTOR, "D")
    _finish(axes, bits, paper.FLOAT)


def _line(axes, bits: Sequence[str], points: Mapping[str, float], label: str, colour: str, marker: str) -> None:
    """Integer widths joined by a line; mixtures as points of their own."""
    joined = [width for width in bits if width in points and width.isdigit()]
    single = [width for width in bits if width in points and not width.isdigit()]
    for widths, style, name in ((joined, "-", label), (single, "", "_" if joined else label)):
        x = [bits.index(width) + DODGE.get(label, 0) for width in widths]
        y = [points[width] for width in widths]
        if widths:
            axes.plot(x, y, style, marker=marker, color=colour, markersize=5, linewidth=1.6, label=name)


def _finish(axes, bits: Sequence[str], float_wer: float | None) -> None:
    right = len(bits) - 0.6
    axes.set_xlim(-0.3, right)
    if float_wer is not None:
        axes.axhline(float_wer, color=COLOURS["float"], linestyle="--", linewidth=1, zorder=1)
        axes.annotate(
            "float",
            (right, float_wer),
            (0, -3),
            textcoords="offset points",
            va="top",
            ha="right",
            color=COLOURS["float"],
        )
    axes.set_xticks(range(len(bits)), bits)
    axes.set_xlabel("weight bits")
    axes.grid(axis="x", visible=False)


def _label_lines(figure, *all_axes, line_height_px: float = 17) -> None:
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


def read_curve(path: str | Path) -> dict[str, list[float]]:
    """Columns epoch, learning_rate, train_loss, dev_loss; an empty cell becomes nan.

    :raises InputError: a column is missing or there is no epoch
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ("epoch", "learning_rate", "train_loss", "dev_loss")
    if not rows or any(column not in rows[0] for column in columns):
        raise InputError(f"{path} is no learning curve; it needs the columns {', '.join(columns)} and one epoch")
    return {column: [float(row[column] or "nan") for row in rows] for column in columns}


def plot_learning_curves(curves: Mapping[str, str], paths: Mapping[str, str]) -> None:
    """Loss per epoch on train and dev, one line per training, with the learning rate below.

    :param curves: csv file by the training's name
    """
    read = {name: read_curve(path) for name, path in curves.items()}
    colours = dict(zip(read, matplotlib.colormaps["viridis"](np.linspace(0, 0.8, len(read))), strict=True))
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(1, 3, figsize=(10, 4), width_ratios=(4, 4, 3), layout="constrained")
        axes[1].sharey(axes[0])
        panels = {"train_loss": "CTC loss per label, train", "dev_loss": "dev", "learning_rate": "learning rate"}
        for panel, (quantity, title) in zip(axes, panels.items(), strict=True):
            for name, curve in read.items():
                panel.plot(curve["epoch"], curve[quantity], color=colours[name], linewidth=1.5, label=name)
            panel.set_title(title, fontsize=11, loc="left")
            panel.set_xlabel("sub-epoch")
            panel.xaxis.get_major_locator().set_params(integer=True)
        _label_lines(figure, axes[1])
        save(figure, paths)
