"""Word error rate against energy, crossbars and area. Loads matplotlib: import in job runs only."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from memristor_sim.bounds import Bounds
from recipe.report import numbers
from recipe.report.energy import VECTORS_PER_READ, EnergyRow
from recipe.report.plot_style import (
    COLOURS,
    add_caption,
    compress_above,
    legend_columns,
    names_explained,
    preset_colours,
    short_names,
    styled,
)
from recipe.report.plot_wer import FAR, DeviceRow, device_rows
from recipe.report.results import Results, bits_order

LEGEND_LINE = 0.15
"""Height in inches that the name of one row takes of the legend, which has two columns or more."""
BATCHED = VECTORS_PER_READ[-1]
DIGITAL = f"same QAT model, digital: its weight reads alone, {BATCHED} vectors per read"


@styled
def energy_figure(results: Results, setup_name: str, part: str, rows: Sequence[EnergyRow]) -> Figure:
    """Three panels on one axis of error rates: microjoules per second of audio, crossbars, square millimetres."""
    by_row = {(row.bits, row.preset): row for row in rows}
    drawn = _one_per_preset(device_rows(results, part), by_row)
    figure = Figure(figsize=(12, 4.5 + LEGEND_LINE * len(drawn)), layout="constrained")
    energy, crossbars, area = figure.subplots(1, 3, sharey=True)
    colours = preset_colours(results.presets())
    bits = sorted(results.bits("QAT", "memristor"), key=bits_order)
    names = short_names(bits, results.rows()) if len(bits) > 1 else {}
    for row in drawn:
        known = {bits: by_row[bits, row.preset] for bits in row.rates}
        for axes, quantity in ((energy, _total_uj), (crossbars, _crossbars), (area, EnergyRow.area_mm2)):
            _line(axes, row, {bits: quantity(one) for bits, one in known.items()}, colours[row.preset], names)
    _digital(energy, results, part, rows, names)
    for axes, name in (
        (energy, "energy in µJ per s of audio"),
        (crossbars, "crossbars"),
        (area, "area of cells and ADCs in mm²"),
    ):
        axes.set_xlabel(name)
    for axes in (energy, area):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.minorticks_off()
    crossbars.set_xlim(0, 1.08 * max((row.crossbars for row in rows), default=1))
    crossbars.xaxis.set_major_formatter("{x:,.0f}")
    crossbars.locator_params(axis="x", nbins=5, integer=True)
    _finish(figure, results, part, (energy, crossbars, area))
    add_caption(figure, _caption(results, setup_name, part, drawn, rows) + names_explained(names))
    return figure


def _one_per_preset(found: Sequence[DeviceRow], known: Mapping[tuple[str, str], EnergyRow]) -> list[DeviceRow]:
    """The rows whose energy is known; of two ways of setting search scales the first, tuned."""
    first: dict[str, DeviceRow] = {}
    for row in found:
        rates = {bits: of_width for bits, of_width in row.rates.items() if (bits, row.preset) in known}
        if rates:
            first.setdefault(row.preset, replace(row, rates=rates))
    return list(first.values())


def _caption(
    results: Results, setup_name: str, part: str, drawn: Sequence[DeviceRow], rows: Sequence[EnergyRow]
) -> str:
    devices = sorted({len(rates) for row in drawn for rates in row.rates.values()}) or [0]
    bits = {bits for row in drawn for bits in row.rates}
    widths = f"{min(bits)} bit" if len(bits) == 1 else "with the weight bits"
    heard = sorted({row.work.utterances for row in rows}) or [0]
    modes = {row.preset: f"{row.scale_mode} scales" for row in drawn}
    scales = "; ".join(f"{preset}: {mode}" for preset, mode in modes.items())
    if len(set(modes.values())) == 1:
        scales = next(iter(modes.values()))
    return (
        f"Setup {setup_name}, {part}, {results.size(part)}; {scales}. Diamonds: mean error rate of "
        f"{numbers.span(devices, 'device')}, {widths}; energy of one device while it hears "
        f"{numbers.span(heard, 'utterance')}. Bars: all assumptions at their favourable or unfavourable end at once "
        "(sources in the table of energy). What stays digital on both sides is not counted."
    )


def _total_uj(row: EnergyRow) -> Bounds:
    return row.microjoules()["total"]


def _crossbars(row: EnergyRow) -> Bounds:
    return Bounds(low=row.crossbars, typical=row.crossbars, high=row.crossbars)


def _line(
    axes: Axes, row: DeviceRow, place: Mapping[str, Bounds], colour: str | tuple, names: Mapping[str, str]
) -> None:
    """Mean error rate of each width at its typical value, its range as a bar, its bits beside it."""
    widths = sorted(place, key=bits_order)
    means = {bits: float(row.rates[bits].mean()) for bits in widths}
    label = f"memristor, {row.preset}"
    axes.plot([place[b].typical for b in widths], [means[b] for b in widths], "D-", color=colour, label=label, ms=5)
    for bits in widths:
        _range(axes, place[bits], means[bits], colour)
        _name(axes, names.get(bits, ""), place[bits], means[bits])


def _name(axes: Axes, name: str, place: Bounds, wer_percent: float) -> None:
    axes.annotate(name, (place.typical, wer_percent), (0, 6), textcoords="offset points", ha="center", size=8)


def _range(axes: Axes, bounds: Bounds, wer_percent: float, colour: str | tuple) -> None:
    if bounds.low < bounds.high:
        axes.hlines(wer_percent, bounds.low, bounds.high, color=colour, alpha=0.35, linewidth=3)


def _digital(axes: Axes, results: Results, part: str, rows: Sequence[EnergyRow], names: Mapping[str, str]) -> None:
    """The QAT models where a digital accelerator reads their weights from off-chip memory."""
    found = {row.bits: row for row in reversed(rows) if results.digital("QAT", row.bits, part)}
    widths = sorted(found, key=bits_order)
    reads = {bits: found[bits].weight_reads_uj(BATCHED) for bits in widths}
    rates = {bits: one.wer_percent for bits in widths if (one := results.digital("QAT", bits, part))}
    if widths:
        axes.plot([reads[b].typical for b in widths], [rates[b] for b in widths], "o", mfc="none", label=DIGITAL,
                  color=COLOURS["QAT"])  # fmt: skip
    for bits in widths:
        _range(axes, reads[bits], rates[bits], COLOURS["QAT"])
        _name(axes, names.get(bits, ""), reads[bits], rates[bits])


def _finish(figure: Figure, results: Results, part: str, panels: Sequence[Axes]) -> None:
    baseline = results.baseline(part)
    if baseline is not None:
        for axes in panels:
            axes.axhline(
                baseline.wer_percent, color=COLOURS["float"], linestyle=":", linewidth=1.2, zorder=1, label="float"
            )
        compress_above(panels[0], FAR * baseline.wer_percent)
    panels[0].set_ylabel("word error rate in %")
    named = {str(line.get_label()): line for axes in panels for line in axes.get_lines()}
    shown = {name: line for name, line in named.items() if not name.startswith("_")}
    columns = legend_columns(figure, shown)
    figure.legend(shown.values(), shown.keys(), loc="outside upper left", ncols=columns, fontsize=9.5, frameon=False)
