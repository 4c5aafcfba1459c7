"""What the tables are filled with: text of a cell, record of a figure, notes."""

from collections.abc import Sequence

from recipe.report import numbers, paper
from recipe.report.doubts import doubt_record, mark
from recipe.report.intervals import Intervals
from recipe.report.results import Result, Results, bits_order, wers
from recipe.systems import bits_name


def data(results: Results, setup_name: str) -> str:
    """What a table was measured on: `setup mini, dev: 300 utterances, 2,105 words, test: ...`."""
    return ", ".join([f"setup {setup_name}", *(f"{part}: {results.size(part)}" for part in results.parts)])


def row_cell(trainings: Sequence[Result], results: Results, intervals: Intervals | None = None) -> str:
    """WER of a digital row and its change against float; with intervals also its 95 % interval: `7.8 [7.1, 8.5] +8 %`.

    Several trainings show their mean and standard deviation: `7.8 ± 0.21 [7.0, 8.6] +8 %`.
    """
    if not trainings:
        return numbers.MISSING
    one, rates = trainings[0], wers(trainings)
    text = numbers.wer(rates.mean()) + (f" ± {rates.std(ddof=1):.2f}" if len(trainings) > 1 else "")
    if intervals is not None and intervals.holds_trainings(trainings):
        text += f" {numbers.interval(intervals.of(trainings))}"
    elif intervals is not None:
        text = numbers.wer_interval(one.wer_percent, one.interval95_percent)
    baseline = None if one.kind == "float" else float_wer(results, one.part)
    return text + numbers.change(rates.mean(), baseline) + mark(trainings)


def training_note(results: Results, intervals: Intervals) -> str:
    """Whether intervals hold how far trainings differ, and from where that is known."""
    if any(result.system.training_seed is not None for result in results.results):
        return (
            "Rows of several trainings are means over them, ± the sample deviation over trainings; their intervals "
            "resample trainings, devices within each, and utterances."
        )
    if intervals.spread.rows:
        return (
            "One training per row; intervals are widened by the spread over trainings that another run measured "
            "(docs/results/README.md)."
        )
    return "One training per row: the spread over trainings is not in the intervals."


def devices_cells(devices: Sequence[Result], results: Results, intervals: Intervals) -> list[str]:
    """Two cells: WER, with its spread over several devices and the change against float, and the 95 % interval."""
    if not devices:
        return [numbers.MISSING, ""]
    rates = wers(devices)
    spread = numbers.spread(rates.mean(), rates.std(), rates.min(), rates.max())
    text = spread if len(devices) > 1 else numbers.wer(rates.mean())
    text += numbers.change(rates.mean(), float_wer(results, devices[0].part))
    return [text + mark(devices), numbers.interval(intervals.of(devices))]


def paper_wer(wer: float | None) -> str:
    """A published WER in percent with its change against the published float model."""
    if wer is None:
        return numbers.UNPUBLISHED
    return numbers.wer(wer) + (numbers.change(wer, paper.FLOAT) if wer != paper.FLOAT else "")


def paper_spread(spread: paper.Spread | None) -> str:
    """A published spread over devices, likewise."""
    if spread is None:
        return numbers.UNPUBLISHED
    return numbers.spread(spread.mean, spread.std, spread.min, spread.max) + numbers.change(spread.mean, paper.FLOAT)


def float_wer(results: Results, part: str) -> float | None:
    """WER of the float model in percent, the mean over its trainings; None where it was not scored."""
    trainings = results.trainings("float", "32", part)
    return float(wers(trainings).mean()) if trainings else None


def record(result: Result, results: Results, intervals: Intervals | None = None) -> dict:
    """The unrounded figures of one system; the keys are columns of csv files, so they keep their names.

    :param intervals: where a row of this result alone has its interval widened by a known spread of trainings
    """
    figures = _figures(result, results) | doubt_record([result])
    if intervals is not None and intervals.holds_trainings([result]):
        figures["low95_percent"], figures["high95_percent"] = intervals.of([result])
    return figures


def _figures(result: Result, results: Results) -> dict:
    baseline = float_wer(results, result.part)
    return {
        "source": "ours",
        "part": result.part,
        "system": result.kind,
        "bits": result.bits,
        "preset": result.preset,
        "device": result.device_seed,
        "training_seed": "" if result.system.training_seed is None else result.system.training_seed,
        "scales": result.scale_mode,
        "lm_scale": result.lm_scale,
        "prior_scale": result.prior_scale,
        "wer_percent": result.wer_percent,
        "low95_percent": result.interval95_percent[0] if result.interval95_percent else "",
        "high95_percent": result.interval95_percent[1] if result.interval95_percent else "",
        "change_to_float_percent": 100 * (result.wer_percent / baseline - 1) if baseline else "",
        "utterances": len(result.ids),
        "words": int(result.words.sum()),
    }


def row_record(devices: Sequence[Result], results: Results, intervals: Intervals) -> dict:
    """A row of Table 3: figures over its devices, with `device` empty."""
    rates, (low, high) = wers(devices), intervals.of(devices)
    baseline = float_wer(results, devices[0].part)
    shared = _figures(devices[0], results) | {
        "device": "",
        "training_seed": "",
        "lm_scale": "",
        "prior_scale": "",
        "wer_percent": float(rates.mean()),
        "low95_percent": low,
        "high95_percent": high,
        "change_to_float_percent": 100 * (float(rates.mean()) / baseline - 1) if baseline else "",
    }
    spread = {name: float(getattr(rates, name)()) for name in ("mean", "std", "min", "max")}
    return shared | spread | {"devices": len(devices)} | doubt_record(devices)


def paper_record(kind: str, bits: str, wer: float) -> dict:
    """A published WER in percent as a record."""
    return {
        "source": "paper",
        "part": paper.PART,
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
