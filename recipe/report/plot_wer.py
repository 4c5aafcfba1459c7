"""Word error rates against weight bits and against crossbars. Loads matplotlib: import in job runs only."""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from memristor_sim.cost import layer_cost, paper_shapes, total_cost
from memristor_sim.hardware import paper as paper_hardware
from recipe.report import numbers, paper
from recipe.report.inputs import FEW_PRESETS
from recipe.report.plot_style import (
    COLOURS,
    MARKERS,
    PRESETS,
    add_caption,
    compress_above,
    label_lines,
    names_explained,
    preset_colours,
    short_names,
    styled,
)
from recipe.report.results import Results, bits_order, wers
from recipe.systems import SCALE_MODES

DODGE = {"PTQ": -0.24, "QAT": -0.12}
"""Sideways shift of what has the same bit width, so that it stays apart; devices follow to the right."""
STEP = 0.12
ROOM = 0.6
"""Part of the distance between two bit widths that all devices of one width share."""
SHORT_TICK = 3
"""Characters of the longest names that stand side by side under the axis."""
LINES = {"tuned": "-", "fixed": "--"}
FAR = 1.8
"""Times the float model's WER: above this the axis may be compressed."""
LABEL_WIDTH = 28
"""Characters in a line of the name of device rows."""
SAME_MODEL = "same QAT model,\ndigital"


@dataclass(frozen=True)
class DeviceRow:
    """The devices of one preset and way of setting search scales."""

    preset: str
    scale_mode: str
    rates: dict[str, np.ndarray]
    """WER of each device in percent, [D], by bits."""
    label: str


def device_rows(results: Results, part: str) -> list[DeviceRow]:
    """One per preset and scale mode; in a sweep over presets only one mode, tuned if there is."""
    bits = sorted(results.bits("memristor"), key=bits_order)
    several = len(results.presets()) > FEW_PRESETS
    rows = []
    for preset in results.presets():
        of_preset = []
        for scale_mode in SCALE_MODES:
            rates = {b: wers(found) for b in bits if (found := results.devices(b, preset, part, scale_mode))}
            name = preset if several else f"memristor, {preset},"
            label = textwrap.fill(name, LABEL_WIDTH) + ("" if several else f"\n{scale_mode} scales")
            of_preset += [DeviceRow(preset, scale_mode, rates, label)] if rates else []
        rows += of_preset[:1] if several else of_preset
    return rows


def caption(results: Results, setup_name: str, part: str, rows: Sequence[DeviceRow]) -> str:
    """What a figure must say to be read alone: setup, part and its size, presets, devices, whose intervals."""
    counts = sorted({len(rates) for row in rows for rates in row.rates.values()})
    devices = "no devices"
    if counts:
        presets = list(dict.fromkeys(row.preset for row in rows))
        devices = f"preset{'s' if presets[1:] else ''} {', '.join(presets)}; {numbers.span(counts, 'device')} per point"
        devices += ", a dot each"
        if len(modes := {row.scale_mode for row in rows}) == 1:
            devices += f", {modes.pop()} scales"
    if len({result.training_seed for result in results.results}) > 1:
        devices += "; digital rows: the first of several trainings"
    return (
        f"Ours: setup {setup_name}, {part}, {results.size(part)}; {devices}. Diamonds are means; bars of digital rows "
        f"are 95 % intervals over utterances. Paper: {paper.CORPUS} {paper.PART}, 10 runs, bars from best to worst."
    )


@styled
def wer_figure(results: Results, setup_name: str, part: str) -> Figure:
    """WER against weight bits, ours beside the paper's."""
    rows = device_rows(results, part)
    bits = sorted({*results.bits("PTQ", "QAT", "memristor"), *paper.PTQ, *paper.QAT}, key=bits_order)
    names = short_names(bits, results.rows())
    figure, ours, published = _panels(5.4, setup_name, part)
    _digital_lines(ours, results, part, bits)
    step = min(STEP, ROOM / max(1, len(rows) - 1))
    for number, row in enumerate(rows):
        place = {width: bits.index(width) + step * number for width in row.rates}
        _device_line(ours, row, place, preset_colours(results.presets())[row.preset])
    _published_lines(published, bits)
    for axes in (ours, published):
        axes.set_xlim(-0.4, len(bits) - 0.5)
        axes.set_xticks(range(len(bits)), [names[width] for width in bits])
        if any(len(name) > SHORT_TICK for name in names.values()):
            axes.tick_params(axis="x", labelrotation=90, labelsize=8)
        axes.set_xlabel("weight bits")
        axes.grid(axis="x", visible=False)
    _finish(figure, results, part, ours, published)
    add_caption(figure, caption(results, setup_name, part, rows) + names_explained(names))
    return figure


@styled
def crossbars_figure(results: Results, setup_name: str, part: str, costs: Sequence[dict]) -> Figure:
    """WER against the number of crossbars that the mapped layers take; more bits are more crossbars.

    :param costs: rows bits, preset, crossbars
    """
    counts = {(row["bits"], row["preset"]): row["crossbars"] for row in costs}
    rows = device_rows(results, part)
    figure, ours, published = _panels(5.2, setup_name, part)
    step = 0.012 * max(counts.values(), default=0)
    drawn: Counter[int] = Counter()
    for row in rows:
        of_row = {bits: counts[bits, row.preset] for bits in row.rates}
        drawn.update(of_row.values())
        place = {bits: count + step * drawn[count] for bits, count in of_row.items()}
        _device_line(ours, row, place, preset_colours(results.presets())[row.preset])
    digital = {bits: r for bits in results.bits("memristor") if (r := results.digital("QAT", bits, part))}
    _same_models(ours, {(n, digital[bits].wer_percent) for (bits, _), n in counts.items() if bits in digital})
    _published_crossbars(published)
    names = short_names(sorted(results.bits("QAT", "memristor"), key=bits_order), results.rows())
    _bit_ticks(ours, {n: names.get(bits, bits) for (bits, _), n in counts.items()})
    for axes in (ours, published):
        axes.set_xlabel("crossbars")
        axes.set_xlim(0, None)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.locator_params(axis="x", nbins=5, integer=True)
    _finish(figure, results, part, ours, published)
    counted = "Crossbars: arrays of both polarities and all digit planes; rows at one count are drawn side by side."
    add_caption(figure, f"{caption(results, setup_name, part, rows)} {counted}{names_explained(names)}")
    return figure


def _panels(height: float, setup_name: str, part: str) -> tuple[Figure, Axes, Axes]:
    """Ours on the left, the paper's on the right, on one axis of error rates."""
    figure = Figure(figsize=(10, height), layout="constrained")
    ours, published = figure.subplots(1, 2, sharey=True)
    ours.set_title(f"ours: {setup_name}, {part}", fontsize=11, loc="left")
    published.set_title(f"paper: {paper.CORPUS}, {paper.PART}", fontsize=11, loc="left")
    return figure, ours, published


def _digital_lines(axes: Axes, results: Results, part: str, bits: Sequence[str]) -> None:
    for kind in ("PTQ", "QAT"):
        found = {b: r for b in bits if (r := results.digital(kind, b, part))}
        place = {b: bits.index(b) + DODGE[kind] for b in found}
        _line(axes, place, {b: r.wer_percent for b, r in found.items()}, kind, COLOURS[kind], MARKERS[kind])
        for width, result in found.items():
            axes.vlines(place[width], *result.interval95_percent, color=COLOURS[kind], alpha=0.45, linewidth=1.5)


def _device_line(axes: Axes, row: DeviceRow, place: Mapping[str, float], colour: str | tuple) -> None:
    """One faint dot per device, the mean as a diamond: filled when scales are tuned."""
    for width, rates in row.rates.items():
        axes.plot(np.full(len(rates), place[width]), rates, "o", color=colour, alpha=0.3, markersize=3.5, mew=0)
    means = {width: rates.mean() for width, rates in sorted(row.rates.items(), key=lambda item: place[item[0]])}
    fill = {} if row.scale_mode == "tuned" else {"mfc": "white"}
    _line(axes, place, means, row.label, colour, "D", LINES[row.scale_mode], **fill)


def _same_models(axes: Axes, points: set[tuple[int, float]]) -> None:
    """The QAT models executed digitally, at the crossbars of their devices."""
    if points:
        axes.plot(*zip(*sorted(points), strict=True), "o", color=COLOURS["QAT"], mfc="none", label=SAME_MODEL)


def _published_lines(axes: Axes, bits: Sequence[str]) -> None:
    place = {width: float(bits.index(width)) for width in bits}
    _line(axes, place, paper.PTQ, "PTQ", COLOURS["PTQ"], MARKERS["PTQ"])
    _line(axes, place, paper.QAT, "QAT", COLOURS["QAT"], MARKERS["QAT"])
    _published_devices(axes, place)


def _published_devices(axes: Axes, place: Mapping[str, float]) -> None:
    for width, row in paper.MEMRISTOR.items():
        axes.vlines(place[width], row.min, row.max, color=PRESETS["paper"], alpha=0.35, linewidth=4)
    means = {width: row.mean for width, row in sorted(paper.MEMRISTOR.items(), key=lambda item: place[item[0]])}
    _line(axes, place, means, "memristor,\nfixed scales", PRESETS["paper"], "D", LINES["fixed"], mfc="white")


def _published_crossbars(axes: Axes) -> None:
    place = {
        bits: total_cost(layer_cost(shape, paper_hardware()) for shape in paper_shapes(int(bits))).crossbars
        for bits in paper.MEMRISTOR
    }
    _published_devices(axes, place)
    _same_models(axes, {(place[bits], paper.QAT[bits]) for bits in place})
    _bit_ticks(axes, {count: bits for bits, count in place.items()})


def _bit_ticks(axes: Axes, bits_at: Mapping[int, str]) -> None:
    """The weight bits along the top, above the crossbars that they take."""
    top = axes.secondary_xaxis("top")
    top.set_xticks(list(bits_at), [f"{bits} bit" if bits.isdigit() else bits for bits in bits_at.values()], fontsize=8)
    top.spines["top"].set_visible(False)
    axes.tick_params(axis="x", which="minor", top=False)


def _line(
    axes: Axes,
    place: Mapping[str, float],
    points: Mapping[str, float],
    label: str,
    colour: str | tuple,
    marker: str,
    style: str = "-",
    **options: Any,
) -> None:
    """Integer widths joined by a line; mixtures as points of their own."""
    joined = [width for width in points if width.isdigit()]
    single = [width for width in points if not width.isdigit()]
    options |= {"color": colour, "marker": marker, "markersize": 5, "linewidth": 1.6}
    for widths, line, name in ((joined, style, label), (single, "", "_" if joined else label)):
        if widths:
            axes.plot(
                [place[w] for w in widths], [points[w] for w in widths], linestyle=line or "none", label=name, **options
            )


def _finish(figure: Figure, results: Results, part: str, ours: Axes, published: Axes) -> None:
    """Float as a dotted line, the shared axis, the names of the lines."""
    baseline = results.baseline(part)
    floats = {ours: baseline.wer_percent if baseline else None, published: paper.FLOAT}
    known = {axes: wer for axes, wer in floats.items() if wer is not None}
    for axes, wer in known.items():
        limits = axes.get_xlim()
        axes.plot(limits, [wer, wer], color=COLOURS["float"], linestyle=":", linewidth=1.2, zorder=1, label="float")
        axes.set_xlim(limits)
    ours.set_ylabel("word error rate in %")
    compress_above(ours, FAR * max(known.values()))
    label_lines(figure, ours, published)
