"""What devices lose to their digital model, a line per row. Loads matplotlib: import in job runs only."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recipe.report import numbers
from recipe.report.losses import Loss, rows_of
from recipe.report.plot_style import COLOURS, PRESETS, add_caption, names_explained, short_names, styled
from recipe.report.results import Results
from recipe.systems import SCALE_MODES

Row = tuple[str, str]
"""Bits and preset."""
APART = {"tuned": -0.16, "fixed": 0.16}
"""Shift of what shares a line, in lines."""
FAR_PERCENT = 10.0
LINEAR_PERCENT = 4.0
TICKS_PERCENT = (-100, -30, -10, -4, -2, 0, 2, 4, 10, 30, 100)


@styled
def losses_figure(results: Results, setup_name: str, found: Sequence[Loss]) -> Figure:
    """A panel per part and a line per row: difference to the digital model at the same scales, 95 % interval."""
    rows = rows_of(found)
    figure = Figure(figsize=(10, 1.9 + 0.36 * len(rows)), layout="constrained")
    panels = figure.subplots(1, len(results.parts), sharex=True, sharey=True, squeeze=False)[0]
    names = short_names(dict.fromkeys(bits for bits, _ in rows), results.rows())
    for axes, part in zip(panels, results.parts, strict=True):
        _draw(axes, [loss for loss in found if loss.part == part], rows)
        axes.set_title(f"{setup_name}, {part}", fontsize=11, loc="left")
        axes.set_xlabel("points of WER lost to the digital model")
    _scale(panels[0], found)
    panels[0].set_yticks(range(len(rows)), _row_names(rows, names))
    panels[0].set_ylim(max(len(rows), 1) - 0.5, -0.5)
    modes = [mode for mode in SCALE_MODES if any(loss.scale_mode == mode for loss in found)]
    if found and len(modes) > 1:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper right", ncols=2, frameon=False, fontsize=9.5)
    add_caption(figure, caption(setup_name, results, found) + names_explained(names))
    return figure


def is_far(found: Sequence[Loss]) -> bool:
    """Whether a row loses so much that a linear axis would hide the others."""
    return max((loss.interval95_percent[1] for loss in found), default=0) > FAR_PERCENT


def caption(setup_name: str, results: Results, found: Sequence[Loss]) -> str:
    """What the figure must say to be read alone."""
    sizes = "; ".join(f"{part}, {results.size(part)}" for part in results.parts)
    counts = sorted({len(loss.device_wers_percent) for loss in found})
    devices = f"{numbers.span(counts, 'device')} per row" if counts else "no devices"
    return (
        f"Setup {setup_name}: {sizes}; {devices}. Mean WER of the devices minus that of the same model executed "
        "digitally at the same search scales; bars are 95 % intervals over utterances and devices, as in the claims. "
        "Left of 0 the devices make fewer errors. A row in doubt (its notes are in the tables) has no mark."
        + (f" Logarithmic beyond {LINEAR_PERCENT:g} points." if is_far(found) else "")
    )


def _draw(axes: Axes, found: Sequence[Loss], rows: Sequence[Row]) -> None:
    for mode in SCALE_MODES:
        of_mode = [loss for loss in found if loss.scale_mode == mode]
        if not of_mode:
            continue
        heights = [rows.index((loss.bits, loss.preset)) + APART[mode] for loss in of_mode]
        measured = [loss.difference_percent for loss in of_mode]
        lows, highs = zip(*(loss.interval95_percent for loss in of_mode), strict=True)
        colour = PRESETS["physical"]
        axes.hlines(heights, lows, highs, color=colour, alpha=0.5, linewidth=2)
        fill = colour if mode == "tuned" else "white"
        axes.plot(measured, heights, "D", color=colour, mfc=fill, markersize=5.5, label=f"{mode} scales")
    axes.axvline(0, color=COLOURS["QAT"], linewidth=1.4, zorder=1)
    axes.grid(axis="y", visible=False)


def _scale(axes: Axes, found: Sequence[Loss]) -> None:
    """Linear, or logarithmic beyond a few points where a row loses many; all panels share it."""
    if is_far(found):
        axes.set_xscale("symlog", linthresh=LINEAR_PERCENT)
        low, high = axes.get_xlim()
        shown = [tick for tick in TICKS_PERCENT if low <= tick <= high]
        axes.set_xticks(shown, [f"{tick:+d}" if tick else "0" for tick in shown])
        axes.minorticks_off()
    else:
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:+g}" if value else "0")


def _row_names(rows: Sequence[Row], names: Mapping[str, str]) -> list[str]:
    """Presets; with the bits before them where rows differ in both."""
    if len({bits for bits, _ in rows}) <= 1:
        return [preset for _, preset in rows]
    return [f"{names[bits]} bit, {preset}" if bits.isdigit() else f"{names[bits]}, {preset}" for bits, preset in rows]
