"""Table 3: the QAT models on memristors, by hardware preset and way of setting the search scales."""

from collections.abc import Sequence

from memristor_sim.hardware import Hardware, Positional, RandomPulses, Synaptogen
from recipe.report import numbers, paper
from recipe.report.doubts import doubt_notes
from recipe.report.inputs import FEW_PRESETS
from recipe.report.intervals import REPLICATES, Intervals
from recipe.report.results import Result, Results, bits_order
from recipe.report.search_errors import row_errors, short_shares
from recipe.report.table_entries import (
    devices_cells,
    mixture_notes,
    paper_record,
    paper_spread,
    paper_wer,
    record,
    row_cell,
    row_record,
    training_note,
)
from recipe.report.text_table import Table
from recipe.systems import SCALE_MODES

PUBLISHED_ROW = "published"
SEARCH_COLUMN = "search errors"


def memristor_tables(results: Results, setup_name: str, intervals: Intervals) -> list[Table]:
    """Table 3: a block per part; the row with tuned search scales comes after the one with the paper's fixed pair.

    Up to two hardware presets are groups of columns; more are rows, so that the table still fits a terminal.
    """
    parts = [part for part in results.parts if part == results.tuned_on or _memristor_results(results, part)]
    blocks = [_memristor_block(results, setup_name, part, intervals) for part in parts]
    notes = [_note(results), training_note(results, intervals), *hardware_notes(results), *mixture_notes(results)]
    notes += [*doubt_notes(results, ("QAT", "memristor")), paper.NOTES["table3"]]
    return [*blocks[:-1], _with_notes(blocks[-1], notes)]


def _note(results: Results) -> str:
    return (
        f"Intervals: bootstrap over utterances and devices, {REPLICATES:,} resamples. ± is the population deviation, "
        "as in the paper. fixed: the paper's search scales; tuned: found on "
        f"{results.tuned_on}, with the device or with its digital model (ScaleGrid.devices). The digital model has the "
        "scales of its row."
    )


def _memristor_block(results: Results, setup_name: str, part: str, intervals: Intervals) -> Table:
    """The paper's rows, all of its dev part, are in the block of our first part."""
    published = paper.MEMRISTOR if part == results.tuned_on else {}
    layout = _preset_rows if len(_with_paper(results.presets())) > FEW_PRESETS else _preset_columns
    header, rows, records = layout(results, part, intervals, published)
    if not results.search_errors:
        header, rows = header[:-1], [row[:-1] for row in rows]
    here = _memristor_results(results, part)
    return Table(
        caption=f"Table 3, {part}. Word error rate in % on memristors: mean ± standard deviation over devices "
        f"(min-max) and change against float, with 95 % interval; setup {setup_name}, {results.size(part)}; "
        f"{_device_numbers(here)}; {_scales_used(here)}",
        header=header,
        rows=rows,
        records=[*records, *(record(result, results) for result in here)],
    )


def _preset_columns(results: Results, part: str, intervals: Intervals, published: dict) -> tuple[list, list, list]:
    """Header, rows and records with two columns per preset; the paper's figures are in those of the preset `paper`."""
    presets = _with_paper(results.presets())
    rows, records = [], []
    for bits in _memristor_bits(results, published):
        for scale_mode in _scale_modes(results, bits, part):
            qat = row_cell(results.trainings("QAT", bits, part, scale_mode), results)
            devices = [results.devices(bits, preset, part, scale_mode) for preset in presets]
            cells = [cell for row in devices for cell in devices_cells(row, results, intervals)]
            rows.append([bits, scale_mode, qat, *cells, missed(results, part, bits, scale_mode, devices)])
            records += [row_record(row, results, intervals) for row in devices if row]
        if bits in published:
            spreads = [paper_spread(published[bits] if preset == "paper" else None) for preset in presets]
            cells = [cell for spread in spreads for cell in (spread, "")]
            rows.append([bits, PUBLISHED_ROW, paper_wer(paper.QAT.get(bits)), *cells, ""])
            records.append(_published_record(bits, published))
    header = ["bits", "search scales", "digital QAT"]
    header += [title for preset in presets for title in (f"{preset} preset", f"{preset} 95 %")]
    return [*header, SEARCH_COLUMN], rows, records


def _preset_rows(results: Results, part: str, intervals: Intervals, published: dict) -> tuple[list, list, list]:
    """Header, rows and records with one row per preset."""
    rows, records = [], []
    for bits in _memristor_bits(results, published):
        for preset in results.presets() if bits in results.bits("memristor") else [""]:
            for scale_mode in _scale_modes(results, bits, part):
                devices = results.devices(bits, preset, part, scale_mode)
                qat = row_cell(results.trainings("QAT", bits, part, scale_mode), results)
                cells = devices_cells(devices, results, intervals)
                rows.append([bits, preset, scale_mode, qat, *cells, missed(results, part, bits, scale_mode, [devices])])
                records += [row_record(devices, results, intervals)] if devices else []
        if bits in published:
            spread = paper_spread(published[bits])
            rows.append([bits, "paper's own", PUBLISHED_ROW, paper_wer(paper.QAT.get(bits)), spread, "", ""])
            records.append(_published_record(bits, published))
    return ["bits", "preset", "search scales", "digital QAT", "memristor", "95 %", SEARCH_COLUMN], rows, records


def missed(results: Results, part: str, bits: str, scale_mode: str, rows: Sequence[Sequence[Result]]) -> str:
    """Search errors of the digital model and of device rows, a dash for a row that is not there: `3 % / 5 % / -`."""
    sides = [results.trainings("QAT", bits, part, scale_mode), *rows]
    return short_shares([row_errors(results.samples(side)) for side in sides])


def _with_paper(presets: list[str]) -> list[str]:
    """The paper's figures need a column even if the graph has no such preset."""
    return presets if "paper" in presets else [*presets, "paper"]


def _published_record(bits: str, published: dict) -> dict:
    return paper_record("memristor", bits, published[bits].mean) | vars(published[bits])


def _memristor_bits(results: Results, published: dict) -> list[str]:
    return sorted(results.bits("memristor") | set(published), key=bits_order)


def _scale_modes(results: Results, bits: str, part: str) -> list[str]:
    """How the search scales of a row were set: the paper's way first; only that where nothing was measured."""
    measured = {result.scale_mode for result in _memristor_results(results, part) if result.bits == bits}
    return [mode for mode in reversed(SCALE_MODES) if mode in measured] or ["fixed"]


def _memristor_results(results: Results, part: str) -> list[Result]:
    return [result for result in results.results if (result.kind, result.part) == ("memristor", part)]


def _scales_used(memristor: Sequence[Result]) -> str:
    """`fixed scales: LM 2, prior 0.5`."""
    fixed = sorted({(r.lm_scale, r.prior_scale) for r in memristor if r.scale_mode == "fixed"})
    return "; ".join(f"fixed scales: LM {lm:g}, prior {prior:g}" for lm, prior in fixed) or "no fixed scales"


def _device_numbers(memristor: Sequence[Result]) -> str:
    """`10 devices per row`, or the range where rows differ."""
    rows: dict[tuple[str, str, str], int] = {}
    for result in memristor:
        row = (result.bits, result.preset, result.scale_mode)
        rows[row] = rows.get(row, 0) + 1
    counts = sorted(set(rows.values()))
    if not counts:
        return "no device"
    return f"{numbers.span(counts, 'device')} per row"


def _with_notes(table: Table, notes: Sequence[str]) -> Table:
    return Table(**(vars(table) | {"notes": notes}))


def hardware_notes(results: Results) -> list[str]:
    """What each preset is, from the hardware of its devices."""
    used: dict[str, list[Hardware]] = {preset: [] for preset in results.presets()}
    for result in results.results:
        if result.system.hardware is not None:
            used[result.preset].append(result.system.hardware)
    return [f"Preset {preset}: {hardware_text(devices)}." for preset, devices in used.items()]


def _writing_text(hardware: Hardware) -> str:
    """Coding, verification and an uneven DAC in words; empty for the published choices."""
    verify, coding = hardware.verify, hardware.coding
    return (
        ("" if coding == Positional() else f", coding {coding}")
        + (f", verified to {verify.tolerance:g} of a step in up to {verify.rounds} rewrites" if verify else "")
        + (", DAC linear in current" if hardware.dac.linearised else "")
    )


def _lines_text(hardware: Hardware) -> str:
    """Wires, age, temperature, faults and spare columns in words; empty without them."""
    wires, drift, heat, stuck = hardware.wires, hardware.drift, hardware.temperature, hardware.stuck_at
    return (
        (f", lines of {wires.segment_ohm:g} ohm per cell" if wires else "")
        + (f", read {hardware.age_s:.10g} s after writing with {drift}" if hardware.age_s else "")
        + (f", read at {heat.kelvin:g} K" if heat else "")
        + (f", {stuck.low:.2%} of cells stuck low and {stuck.high:.2%} high" if stuck.low or stuck.high else "")
        + (f", {hardware.spare_columns} spare columns per array" if hardware.spare_columns else "")
    )


def hardware_text(devices: Sequence[Hardware]) -> str:
    """Converters, tiles, noise, history and cells in words; what differs between devices as a range."""
    one, noise = devices[0], devices[0].read_noise
    pulses = sorted({device.conditioning.count for device in devices})
    history = f"{pulses[0]}" if len(pulses) == 1 else f"{pulses[0]} to {pulses[-1]}"
    kind = "random pulses" if isinstance(one.conditioning, RandomPulses) else "full cycles"
    return (
        f"DAC {one.dac.bits} bit, ADC {one.adc.precision_bits}+{one.adc.range_bits} bit, tiles of {one.tile_rows} x "
        f"{one.tile_columns}, "
        + (f"read noise of {noise.bandwidth_hz:g} Hz and charge {noise.charge_c:.4g} C" if noise else "no read noise")
        + (f", {history} {kind} before writing" if one.cell.has_history else "")
        + _writing_text(one)
        + _lines_text(one)
        + ("" if one.cell == Synaptogen() else f", cells: {one.cell}")
    )
