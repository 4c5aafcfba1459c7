"""The table of energy: what a second of audio takes on crossbars and by what, and digital weight reads beside it."""

from collections.abc import Sequence

from memristor_sim.bounds import Bounds
from memristor_sim.energy import EnergyModel
from recipe.report import numbers
from recipe.report.energy import VECTORS_PER_READ, EnergyRow
from recipe.report.text_table import Table

NOTES = (
    "Microjoules per second of audio, with the share of the total. Arrays: voltage times current of every cell, summed "
    "over all reads by the simulator. ADC, DAC and digital (shift-and-add, buffers): conversions and bytes counted in "
    "the same pass, times the constants below. In brackets: all assumptions at their favourable or unfavourable end at "
    "once.",
    "Not counted: what stays digital on both sides (scores, norms, depthwise convolutions, the front end, search), "
    "clocks, leakage, losses of drivers, wires between arrays. Latency: reads and conversions, layer after layer. "
    "Area: cells and ADCs, one ADC per pair of arrays.",
    "Digital, without its buffers: bytes of the mapped weights read from off-chip memory, once per vector or once per "
    "16 (recurrent weights cannot wait for 16; a model that fits on the chip reads none), and multiply-adds.",
)


def energy_table(rows: Sequence[EnergyRow], setup_name: str) -> Table:
    """A line per row of Table 3."""
    heard = sorted({(row.work.utterances, round(row.work.audio_s, 1)) for row in rows})
    sample = ", ".join(f"{utterances} utterances, {audio_s:g} s" for utterances, audio_s in heard)
    return Table(
        caption=f"Energy. Crossbars per second of audio, one device per row; setup {setup_name}"
        + (f", {sample} of the first part" if rows else ""),
        header=["bits", "preset", "total uJ/s", "array", "ADC", "DAC", "digital", "latency ms/s", "area mm2"]
        + [f"digital: reads per {n} uJ/s" for n in VECTORS_PER_READ]
        + ["digital: products uJ/s"],
        rows=[_cells(row) for row in rows],
        records=[row.record() for row in rows],
        notes=[*NOTES, *constants(rows[0].model)] if rows else ["There is no memristor row in this graph."],
    )


def _cells(row: EnergyRow) -> list[str]:
    parts = row.microjoules()
    whole = parts["total"].typical
    shared = [
        f"{numbers.significant(parts[name].typical)} ({100 * parts[name].typical / whole if whole else 0:.0f} %)"
        for name in ("array", "adc", "dac", "digital")
    ]
    return [
        row.bits,
        row.preset,
        span(parts["total"]),
        *shared,
        span(row.latency_ms()),
        span(row.area_mm2()),
        *(span(row.weight_reads_uj(n)) for n in VECTORS_PER_READ),
        span(row.multiply_adds_uj()),
    ]


def span(bounds: Bounds) -> str:
    """`12.3 [7.1, 40.2]`."""
    low, typical, high = map(numbers.significant, (bounds.low, bounds.typical, bounds.high))
    return typical if low == high else f"{typical} [{low}, {high}]"


def constants(model: EnergyModel) -> list[str]:
    """What each constant is and where it comes from."""
    return [
        f"{name.replace('_', ' ')}: {one.typical:.3g} [{one.low:.3g}, {one.high:.3g}]; {one.source}."
        for name, one in model.assumptions().items()
    ] + [
        "ADC energy and area by resolution: fit of Murmann's survey in hwcomponents-adc 1.0.21, arXiv 2404.06553, at "
        f"{model.adc_samples_per_s:g} samples per second."
    ]
