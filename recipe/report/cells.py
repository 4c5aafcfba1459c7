"""Cells, records and notes that the tables share."""

from collections.abc import Sequence

from recipe.report import numbers, paper
from recipe.report.bootstrap import Bootstrap
from recipe.report.results import Result, Results, bits_order, wers
from recipe.systems import bits_name


def data(results: Results, setup_name: str) -> str:
    return f"setup {setup_name}, dev: {results.size('dev')}, test: {results.size('test')}"


def digital_cell(result: Result | None, results: Results, with_interval: bool = True) -> str:
    if result is None:
        return numbers.MISSING
    text = numbers.wer(result.wer_percent)
    if with_interval:
        text = numbers.wer_interval(result.wer_percent, result.interval95_percent)
    baseline = None if result.kind == "float" else float_wer(results, result.part)
    return text + numbers.change(result.wer_percent, baseline)


def devices_cells(devices: Sequence[Result], results: Results, bootstrap: Bootstrap) -> list[str]:
    """Spread over devices and change against float, then the interval."""
    if not devices:
        return [numbers.MISSING, ""]
    rates = wers(devices)
    text = numbers.spread(rates.mean(), rates.std(), rates.min(), rates.max())
    text += numbers.change(rates.mean(), float_wer(results, devices[0].part))
    return [text, numbers.interval(bootstrap.interval(devices))]


def paper_wer(wer: float | None) -> str:
    if wer is None:
        return numbers.UNPUBLISHED
    return numbers.wer(wer) + (numbers.change(wer, paper.FLOAT) if wer != paper.FLOAT else "")


def paper_spread(spread: paper.Spread | None) -> str:
    if spread is None:
        return numbers.UNPUBLISHED
    return numbers.spread(spread.mean, spread.std, spread.min, spread.max) + numbers.change(spread.mean, paper.FLOAT)


def float_wer(results: Results, part: str) -> float | None:
    baseline = results.baseline(part)
    return baseline.wer_percent if baseline else None


def record(result: Result, results: Results) -> dict:
    baseline = float_wer(results, result.part)
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


def row_record(devices: Sequence[Result], results: Results, bootstrap: Bootstrap) -> dict:
    """A row of Table 3: figures over its devices, with `device` empty."""
    rates, (low, high) = wers(devices), bootstrap.interval(devices)
    baseline = float_wer(results, devices[0].part)
    shared = record(devices[0], results) | {
        "device": "",
        "lm_scale": "",
        "prior_scale": "",
        "wer_percent": float(rates.mean()),
        "low95_percent": low,
        "high95_percent": high,
        "change_to_float_percent": 100 * (float(rates.mean()) / baseline - 1) if baseline else "",
    }
    spread = {name: float(getattr(rates, name)()) for name in ("mean", "std", "min", "max")}
    return shared | spread | {"devices": len(devices)}


def paper_record(kind: str, bits: str, wer: float) -> dict:
    return {
        "source": "paper",
        "part": "dev",
        "system": kind,
        "bits": bits,
        "wer_percent": wer,
        "change_to_float_percent": 100 * (wer / paper.FLOAT - 1),
    }


def mixture_notes(results: Results) -> list[str]:
    """What each row of mixed precision is a mixture of."""
    widths = {getattr(result.system, "weight_bits", ()) for result in results.results}
    mixtures = {bits_name(bits): bits for bits in widths if bits and isinstance(bits, tuple)}
    return [
        f"{bits}: {', '.join(f'{width} bit in {pattern}' for pattern, width in mixtures[bits])}."
        for bits in sorted(mixtures, key=bits_order)
    ]
