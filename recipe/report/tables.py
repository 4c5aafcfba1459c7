"""The paper's tables 1 to 3 with ours beside them, and the table of what separates statistically."""

from collections.abc import Sequence

from recipe.report import numbers, paper
from recipe.report.claims import CLAIM_NOTES, claims, judge
from recipe.report.config import PARTS, SCALES
from recipe.report.results import Result, Results, bits_order, wers
from recipe.report.table import Table


def all_tables(results: Results, setup_name: str, transfer: Sequence[dict] | None, seed: int) -> dict[str, list[Table]]:
    """:param transfer: rows operation, mean, std, min, max of the simulated cells; None if nothing simulated them
    :param seed: of the bootstrap
    """
    return {
        "table1": [transfer_table(transfer)],
        "table2": [digital_table(results, setup_name)],
        "table3": memristor_tables(results, setup_name),
        "claims": [claims_table(results, setup_name, seed)],
    }


def transfer_table(transfer: Sequence[dict] | None) -> Table:
    """Table 1: what single memristor pairs make of weight times input."""
    figures = ("mean", "std", "min", "max")
    ours = {row["operation"]: row for row in transfer or ()}
    rows, records = [], []
    for operation in dict.fromkeys([*paper.TRANSFER, *ours]):
        published = paper.TRANSFER.get(operation)
        cells = [operation]
        for source, row, missing in (
            ("ours", ours.get(operation), numbers.MISSING),
            ("paper", published and vars(published), numbers.UNPUBLISHED),
        ):
            cells += [numbers.value(row[name]) for name in figures] if row else [missing, "", "", ""]
            if row:
                records.append({"operation": operation, "source": source} | {name: row[name] for name in figures})
        rows.append(cells)
    return Table(
        caption="Table 1. One input times one weight on memristor cells: mean, standard deviation, extremes",
        header=["input x weight", *figures, *(f"paper {name}" for name in figures)],
        rows=rows,
        records=records,
        notes=[paper.NOTES["table1"]],
    )


def digital_table(results: Results, setup_name: str) -> Table:
    """Table 2: float, PTQ and QAT by weight bits."""
    rows, records = [], []
    for kind, published in paper.DIGITAL.items():
        for bits in sorted(results.bits(kind) | set(published), key=bits_order):
            found = [results.digital(kind, bits, part) for part in PARTS]
            dev, test = (_digital_cell(result, results) for result in found)
            scales = next((numbers.scales(r.scales, r.lm_scale, r.prior_scale) for r in found if r), "")
            rows.append([kind, bits, dev, _paper_wer(published.get(bits)), test, scales])
            records += [_record(result, results) for result in found if result]
            if bits in published:
                records.append(_paper_record(kind, bits, published[bits]))
    return Table(
        caption=f"Table 2. Word error rate in % with 95 % interval over utterances and change against float; "
        f"{_data(results, setup_name)}; paper: TED-LIUM 2 dev, {paper.SOURCE}",
        header=["system", "bits", "dev", "paper dev", "test", "scales LM/prior"],
        rows=rows,
        records=records,
        notes=[paper.NOTES["table2"]],
    )


def memristor_tables(results: Results, setup_name: str) -> list[Table]:
    """Table 3: one block per part and way of setting the search scales, one column per hardware preset."""
    blocks = [
        _memristor_block(results, setup_name, part, scales)
        for part in PARTS
        for scales in reversed(SCALES)
        if (part, scales) == ("dev", "fixed") or _memristor_results(results, part, scales)
    ]
    return [*blocks[:-1], _with_notes(blocks[-1], [paper.NOTES["table3"]])]


def _memristor_block(results: Results, setup_name: str, part: str, scales: str) -> Table:
    """The paper's columns stand in the block that is set as theirs: dev, fixed scales."""
    as_published = (part, scales) == ("dev", "fixed")
    published = paper.MEMRISTOR if as_published else {}
    presets = results.presets()
    rows, records = [], []
    for bits in sorted(results.bits("memristor") | set(published), key=bits_order):
        qat = results.digital("QAT", bits, part)
        cells = [bits, _digital_cell(qat, results, with_interval=False)]
        for preset in presets:
            devices = results.devices(bits, preset, part, scales)
            cells.append(_devices_cell(devices, results))
            records += [_record(result, results) for result in devices]
        if as_published:
            cells += [_paper_wer(paper.QAT.get(bits)), _paper_spread(published.get(bits))]
            if bits in published:
                records.append(_paper_record("memristor", bits, published[bits].mean) | vars(published[bits]))
        rows.append(cells)
    here = _memristor_results(results, part, scales)
    used = sorted({(result.lm_scale, result.prior_scale) for result in here})
    at = f"; LM scale {used[0][0]:g}, prior scale {used[0][1]:g}" if len(used) == 1 else ""
    return Table(
        caption=f"Table 3, {part}, {scales} search scales. Word error rate in % on memristors: mean ± standard "
        f"deviation over devices (min-max) and change against float; setup {setup_name}, {results.size(part)}; "
        f"{_device_numbers(here)}{at}",
        header=["bits", "digital QAT", *(f"memristor, {preset} preset" for preset in presets)]
        + (["paper QAT", "paper memristor"] if as_published else []),
        rows=rows,
        records=records,
    )


def claims_table(results: Results, setup_name: str, seed: int) -> Table:
    """What the paper's tables say, and whether ours tell it apart from chance."""
    rows, records = [], []
    for claim in claims(results):
        cells = [claim.text]
        for part in PARTS:
            verdict = judge(claim, part, results, seed)
            cells += [verdict.interval, verdict.text]
            records.append({"claim": claim.text, "part": part, "verdict": verdict.text} | verdict.figures)
        rows.append(cells)
    return Table(
        caption=f"Claims. Difference of word error rates in % points with 95 % interval, paired bootstrap over "
        f"utterances; {_data(results, setup_name)}",
        header=["claim", "dev", "dev verdict", "test", "test verdict"],
        rows=rows,
        records=records,
        notes=[*CLAIM_NOTES, f"Seed of the resampling: {seed}."],
    )


def _data(results: Results, setup_name: str) -> str:
    return f"setup {setup_name}, dev: {results.size('dev')}, test: {results.size('test')}"


def _digital_cell(result: Result | None, results: Results, with_interval: bool = True) -> str:
    if result is None:
        return numbers.MISSING
    text = numbers.wer(result.wer_percent)
    if with_interval:
        text = numbers.wer_interval(result.wer_percent, result.interval95_percent)
    baseline = None if result.kind == "float" else _float_wer(results, result.part)
    return text + numbers.change(result.wer_percent, baseline)


def _devices_cell(devices: Sequence[Result], results: Results) -> str:
    if not devices:
        return numbers.MISSING
    rates = wers(devices)
    text = numbers.spread(rates.mean(), rates.std(), rates.min(), rates.max())
    return text + numbers.change(rates.mean(), _float_wer(results, devices[0].part))


def _paper_wer(wer: float | None) -> str:
    if wer is None:
        return numbers.UNPUBLISHED
    return numbers.wer(wer) + (numbers.change(wer, paper.FLOAT) if wer != paper.FLOAT else "")


def _paper_spread(spread: paper.Spread | None) -> str:
    if spread is None:
        return numbers.UNPUBLISHED
    return numbers.spread(spread.mean, spread.std, spread.min, spread.max) + numbers.change(spread.mean, paper.FLOAT)


def _float_wer(results: Results, part: str) -> float | None:
    baseline = results.baseline(part)
    return baseline.wer_percent if baseline else None


def _memristor_results(results: Results, part: str, scales: str) -> list[Result]:
    return [r for r in results.results if (r.kind, r.part, r.scales) == ("memristor", part, scales)]


def _device_numbers(memristor: Sequence[Result]) -> str:
    """`10 devices per row`, or the range where rows differ."""
    rows: dict[tuple[str, str], int] = {}
    for result in memristor:
        row = (result.bits, result.system.preset)
        rows[row] = rows.get(row, 0) + 1
    counts = sorted(set(rows.values()))
    if not counts:
        return "no device"
    return f"{counts[0]} devices per row" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} devices per row"


def _with_notes(table: Table, notes: Sequence[str]) -> Table:
    return Table(**(vars(table) | {"notes": notes}))


def _record(result: Result, results: Results) -> dict:
    baseline = _float_wer(results, result.part)
    return {
        "source": "ours",
        "part": result.part,
        "system": result.kind,
        "bits": result.bits,
        "preset": getattr(result.system, "preset", ""),
        "device": getattr(result.system, "device_seed", ""),
        "scales": result.scales,
        "lm_scale": result.lm_scale,
        "prior_scale": result.prior_scale,
        "wer_percent": result.wer_percent,
        "low95_percent": result.interval95_percent[0] if result.interval95_percent else "",
        "high95_percent": result.interval95_percent[1] if result.interval95_percent else "",
        "change_to_float_percent": 100 * (result.wer_percent / baseline - 1) if baseline else "",
        "utterances": len(result.ids),
        "words": int(result.words.sum()),
    }


def _paper_record(kind: str, bits: str, wer: float) -> dict:
    return {
        "source": "paper",
        "part": "dev",
        "system": kind,
        "bits": bits,
        "wer_percent": wer,
        "change_to_float_percent": 100 * (wer / paper.FLOAT - 1),
    }
