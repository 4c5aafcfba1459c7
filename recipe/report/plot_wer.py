"""Word error rates against weight bits and against crossbars. Loads matplotlib: import in job runs only."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from memristor_sim.cost import layer_cost, paper_shapes, total_cost
from memristor_sim.hardware import paper as paper_hardware
from recipe.report import paper
from recipe.report.config import SCALES
from recipe.report.plot_style import (
    COLOURS,
    MARKERS,
    PRESETS,
    STYLE,
    compress_above,
    label_lines,
    preset_colours,
    pyplot,
    save,
)
from recipe.report.results import Results, bits_order, wers

DODGE = {"PTQ": -0.24, "QAT": -0.12}  # what stands on one bit width stays apart; devices follow to the right
STEP = 0.12
ROOM = 0.6  # of the distance between two bit widths, for all devices of one
LINES = {"tuned": "-", "fixed": "--"}
FAR = 1.8  # times float: beyond this the axis may be compressed


@dataclass(frozen=True)
class Row:
    """The devices of one preset and way of tuning: their error rates [D] by bits."""

    preset: str
    scales: str
    rates: dict[str, np.ndarray]
    label: str


def memristor_rows(results: Results, part: str) -> list[Row]:
    """One per preset and way of tuning; with more than two presets only one way, tuned if there is."""
    bits = results.bits("memristor")
    several = len(results.presets()) > 2
    rows = []
    for preset in results.presets():
        of_preset = []
        for scales in SCALES:
            rates = {b: wers(found) for b in bits if (found := results.devices(b, preset, part, scales))}
            label = preset if several else f"memristor, {preset},\n{scales} scales"
            of_preset += [Row(preset, scales, rates, label)] if rates else []
        rows += of_preset[:1] if several else of_preset
    return rows


def caption(results: Results, setup_name: str, part: str, rows: Sequence[Row]) -> str:
    """What a picture must say to be read alone: setup, part and its size, presets, devices, whose intervals."""
    numbers = sorted({len(rates) for row in rows for rates in row.rates.values()})
    devices = "no devices"
    if numbers:
        span = f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
        devices = (
            f"presets {', '.join(dict.fromkeys(row.preset for row in rows))}; {span} devices per point, a dot each"
        )
        if len(ways := {row.scales for row in rows}) == 1:
            devices += f", {ways.pop()} scales"
    return (
        f"Ours: setup {setup_name}, {part}, {results.size(part)}; {devices}. Diamonds are means; bars of digital rows "
        "are 95 % intervals over utterances. Paper: TED-LIUM 2 dev, 10 runs, bars from best to worst."
    )


def plot_wer(results: Results, setup_name: str, part: str, paths: Mapping[str, str]) -> None:
    """WER against weight bits, ours beside the paper's."""
    rows = memristor_rows(results, part)
    bits = sorted({*results.bits("PTQ", "QAT", "memristor"), *paper.PTQ, *paper.QAT}, key=bits_order)
    with pyplot.rc_context(STYLE):
        figure, (ours, published) = pyplot.subplots(1, 2, figsize=(10, 5.4), sharey=True, layout="constrained")
        _digital_lines(ours, results, part, bits)
        step = min(STEP, ROOM / max(1, len(rows) - 1))
        for number, row in enumerate(rows):
            place = {width: bits.index(width) + step * number for width in row.rates}
            _device_line(ours, row, place, preset_colours(results.presets())[row.preset])
        _published_lines(published, bits)
        for axes, title in ((ours, f"ours: {setup_name}, {part}"), (published, "paper: TED-LIUM 2, dev")):
            axes.set_title(title, fontsize=11, loc="left")
            axes.set_xlim(-0.4, len(bits) - 0.5)
            axes.set_xticks(range(len(bits)), bits)
            if not all(width.isdigit() for width in bits):
                axes.tick_params(axis="x", labelrotation=90, labelsize=8)
            axes.set_xlabel("weight bits")
            axes.grid(axis="x", visible=False)
        _finish(figure, results, part, ours, published)
        save(figure, paths, caption(results, setup_name, part, rows))


def plot_crossbars(
    results: Results, setup_name: str, part: str, costs: Sequence[dict], paths: Mapping[str, str]
) -> None:
    """WER against the number of crossbars that the mapped layers take; more bits are more crossbars.

    :param costs: rows bits, preset, crossbars
    """
    counts = {(row["bits"], row["preset"]): row["crossbars"] for row in costs}
    rows = memristor_rows(results, part)
    with pyplot.rc_context(STYLE):
        figure, (ours, published) = pyplot.subplots(1, 2, figsize=(10, 5.2), sharey=True, layout="constrained")
        step = 0.012 * max(counts.values(), default=0)
        drawn = Counter()
        for row in rows:
            of_row = {bits: counts[bits, row.preset] for bits in row.rates}
            drawn.update(of_row.values())
            place = {bits: count + step * drawn[count] for bits, count in of_row.items()}
            _device_line(ours, row, place, preset_colours(results.presets())[row.preset])
        digital = {bits: r for bits in results.bits("memristor") if (r := results.digital("QAT", bits, part))}
        points = sorted({(n, digital[bits].wer_percent) for (bits, _), n in counts.items() if bits in digital})
        if points:
            ours.plot(
                *zip(*points, strict=True), "o", color=COLOURS["QAT"], mfc="none", label="same QAT model,\ndigital"
            )
        _published_crossbars(published)
        _bit_ticks(ours, {n: bits for (bits, _), n in counts.items()})
        for axes, title in ((ours, f"ours: {setup_name}, {part}"), (published, "paper: TED-LIUM 2, dev")):
            axes.set_title(title, fontsize=11, loc="left")
            axes.set_xlabel("crossbars")
            axes.set_xlim(0, None)
            axes.xaxis.set_major_formatter("{x:,.0f}")
            axes.xaxis.get_major_locator().set_params(nbins=5, integer=True)
        _finish(figure, results, part, ours, published)
        counted = "Crossbars: arrays of both polarities and all digit planes; rows at one count are drawn side by side."
        save(figure, paths, f"{caption(results, setup_name, part, rows)} {counted}")


def _digital_lines(axes, results: Results, part: str, bits: Sequence[str]) -> None:
    for kind in ("PTQ", "QAT"):
        found = {b: r for b in bits if (r := results.digital(kind, b, part))}
        place = {b: bits.index(b) + DODGE[kind] for b in found}
        _line(axes, place, {b: r.wer_percent for b, r in found.items()}, kind, COLOURS[kind], MARKERS[kind])
        for width, result in found.items():
            axes.vlines(place[width], *result.interval95_percent, color=COLOURS[kind], alpha=0.45, linewidth=1.5)


def _device_line(axes, row: Row, place: Mapping[str, float], colour: str) -> None:
    """One faint dot per device, the mean as a diamond: filled when scales are tuned."""
    for width, rates in row.rates.items():
        axes.plot(np.full(len(rates), place[width]), rates, "o", color=colour, alpha=0.3, markersize=3.5, mew=0)
    means = {width: rates.mean() for width, rates in sorted(row.rates.items(), key=lambda item: place[item[0]])}
    fill = {} if row.scales == "tuned" else {"mfc": "white"}
    _line(axes, place, means, row.label, colour, "D", LINES[row.scales], **fill)


def _published_lines(axes, bits: Sequence[str]) -> None:
    place = {width: float(bits.index(width)) for width in bits}
    _line(axes, place, paper.PTQ, "PTQ", COLOURS["PTQ"], MARKERS["PTQ"])
    _line(axes, place, paper.QAT, "QAT", COLOURS["QAT"], MARKERS["QAT"])
    _published_devices(axes, place)


def _published_devices(axes, place: Mapping[str, float]) -> None:
    for width, row in paper.MEMRISTOR.items():
        axes.vlines(place[width], row.min, row.max, color=PRESETS["paper"], alpha=0.35, linewidth=4)
    means = {width: row.mean for width, row in sorted(paper.MEMRISTOR.items(), key=lambda item: place[item[0]])}
    _line(axes, place, means, "memristor,\nfixed scales", PRESETS["paper"], "D", LINES["fixed"], mfc="white")


def _published_crossbars(axes) -> None:
    place = {
        bits: total_cost(layer_cost(shape, paper_hardware()) for shape in paper_shapes(int(bits))).crossbars
        for bits in paper.MEMRISTOR
    }
    _published_devices(axes, place)
    points = sorted((place[bits], paper.QAT[bits]) for bits in place)
    axes.plot(*zip(*points, strict=True), "o", color=COLOURS["QAT"], mfc="none", label="same QAT model,\ndigital")
    _bit_ticks(axes, {count: bits for bits, count in place.items()})


def _bit_ticks(axes, bits_at: Mapping[float, str]) -> None:
    """The weight bits along the top, above the crossbars that they take."""
    top = axes.secondary_xaxis("top")
    top.set_xticks(list(bits_at), [f"{bits} bit" if bits.isdigit() else bits for bits in bits_at.values()], fontsize=8)
    top.spines["top"].set_visible(False)
    axes.tick_params(axis="x", which="minor", top=False)


def _line(axes, place, points: Mapping[str, float], label, colour, marker, style="-", **options) -> None:
    """Integer widths joined by a line; mixtures as points of their own."""
    joined = [width for width in points if width.isdigit()]
    single = [width for width in points if not width.isdigit()]
    options |= {"color": colour, "marker": marker, "markersize": 5, "linewidth": 1.6}
    for widths, line, name in ((joined, style, label), (single, "", "_" if joined else label)):
        if widths:
            axes.plot(
                [place[w] for w in widths], [points[w] for w in widths], linestyle=line or "none", label=name, **options
            )


def _finish(figure, results: Results, part: str, ours, published) -> None:
    """Float as a dashed line, the shared axis, the names of the lines."""
    baseline = results.baseline(part)
    floats = {ours: baseline.wer_percent if baseline else None, published: paper.FLOAT}
    for axes, wer in floats.items():
        if wer is not None:
            limits = axes.get_xlim()
            axes.plot(limits, [wer, wer], color=COLOURS["float"], linestyle=":", linewidth=1.2, zorder=1, label="float")
            axes.set_xlim(limits)
    ours.set_ylabel("word error rate in %")
    compress_above(ours, FAR * max(wer for wer in floats.values() if wer is not None))
    label_lines(figure, ours, published)
