"""The statements that the paper's tables make, as pairs of systems to compare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from recipe.report import numbers, paper
from recipe.report.doubts import doubt
from recipe.report.intervals import Intervals
from recipe.report.results import Result, Results, bits_order
from recipe.systems import SCALE_MODES

CLAIM_NOTES = (
    "Positive: the system named first makes more errors. Not separated: the interval holds 0.",
    "Both sides are resampled on the same utterances; memristor rows resample their devices as well.",
    "Digital rows have tuned scales, but devices with fixed ones are compared with their digital model at fixed ones: "
    "the effect of the device. Fixed against tuned is that of search scales that do not fit; the paper's loss, fixed "
    "against the tuned digital model, holds both.",
    "The intervals are not corrected for the number of claims.",
)

ONE_TRAINING = ", this training"
"""Added to a verdict that another training might overturn: nothing says how far trainings differ."""

Side = Callable[[str], list[Result]]
"""One side of a comparison: the systems of a table row, by part of the corpus."""


@dataclass(frozen=True)
class Claim:
    """`worse(part)` makes more errors than `better(part)`; an empty side is not in the graph."""

    text: str
    worse: Side
    better: Side
    published: float | None = None
    """The same difference in the paper, in percent points on its dev part."""


@dataclass(frozen=True)
class Verdict:
    """Whether a difference is separated from chance on one part."""

    text: str
    """`separated`, `not separated`, `the other way round`, that a side is not in the graph, or why nothing is judged:
    `no claim: deletions`."""
    interval: str = ""
    """The difference with its 95 % interval, in percent points."""
    figures: dict = field(default_factory=dict)
    """The same unrounded: difference_percent, low95_percent, high95_percent."""


def claims(results: Results) -> Iterator[Claim]:
    """Every claim about the rows of a graph: few bits against many, PTQ against QAT, memristor against digital,
    fixed search scales against tuned ones (arXiv 2505.24721, Tables 2 and 3), and each row with other choices against
    the published one of its bits and against float."""
    yield from _digital_claims(results)
    yield from _lever_claims(results)
    for preset in results.presets():
        for bits in sorted(results.bits("memristor"), key=bits_order):
            tuned, fixed = (_devices(results, bits, preset, scale_mode) for scale_mode in SCALE_MODES)
            row, digital = f"{_row(bits, 'memristor')} ({preset}", _digital(results, "QAT", bits)
            at_fixed = _digital(results, "QAT", bits, "fixed")
            if any(map(tuned, results.parts)):
                yield Claim(f"{row}, tuned scales) worse than digital", tuned, digital)
            if any(map(fixed, results.parts)):
                yield Claim(f"{row}, fixed scales) worse than digital", fixed, at_fixed)
                yield Claim(f"{row}, fixed scales) worse than tuned digital", fixed, digital, _published_loss(bits))
            if any(map(tuned, results.parts)) and any(map(fixed, results.parts)):
                yield Claim(f"{row}): fixed scales worse than tuned", fixed, tuned)


def _digital_claims(results: Results) -> Iterator[Claim]:
    for bits in ("3", "2"):
        yield _claim(results, ("PTQ", bits), ("QAT", bits))
    for kind in ("PTQ", "QAT"):
        for wide, narrow in pairwise(sorted(filter(str.isdigit, results.bits(kind)), key=bits_order)):
            if kind == "PTQ" or narrow == "2":
                yield _claim(results, (kind, narrow), (kind, wide))


def _lever_claims(results: Results) -> Iterator[Claim]:
    floats = _digital(results, "float", "32")
    for kind in ("PTQ", "QAT"):
        for row in _with_levers(results, kind):
            bits, lever = row.split(" ", 1)
            changed = _digital(results, kind, row)
            yield Claim(f"{_row(bits, kind)} worse than with {lever}", _digital(results, kind, bits), changed)
            yield Claim(f"{_row(row, kind)} worse than float", changed, floats)
    for preset in results.presets():
        for row in _with_levers(results, "memristor"):
            bits, lever = row.split(" ", 1)
            for mode in SCALE_MODES:
                changed = _devices(results, row, preset, mode)
                if not any(map(changed, results.parts)):
                    continue
                where, plain = f"({preset}, {mode} scales)", _devices(results, bits, preset, mode)
                yield Claim(f"{_row(bits, 'memristor')} {where} worse than with {lever}", plain, changed)
                yield Claim(f"{_row(row, 'memristor')} {where} worse than float", changed, floats)


def _with_levers(results: Results, kind: str) -> list[str]:
    """Rows of a kind that are not trained or quantised as published, `3 start=float`."""
    return sorted((row for row in results.bits(kind) if " " in row), key=bits_order)


def _row(row: str, kind: str) -> str:
    """In words: `3-bit QAT`, `3-bit QAT with start=float`."""
    bits, _, lever = row.partition(" ")
    return f"{bits}-bit {kind}" + (f" with {lever}" if lever else "")


def _claim(results: Results, worse: tuple[str, str], better: tuple[str, str]) -> Claim:
    (kind, bits), (other, other_bits) = worse, better
    left, right = paper.DIGITAL[kind].get(bits), paper.DIGITAL[other].get(other_bits)
    return Claim(
        f"{bits}-bit {kind} worse than {other_bits}-bit {other}",
        _digital(results, kind, bits),
        _digital(results, other, other_bits),
        None if left is None or right is None else left - right,
    )


def _published_loss(bits: str) -> float | None:
    return paper.MEMRISTOR[bits].mean - paper.QAT[bits] if bits in paper.MEMRISTOR else None


def _digital(results: Results, kind: str, bits: str, scale_mode: str = "tuned") -> Side:
    return lambda part: results.trainings(kind, bits, part, scale_mode)


def _devices(results: Results, bits: str, preset: str, scale_mode: str) -> Side:
    return lambda part: results.devices(bits, preset, part, scale_mode)


def judge(claim: Claim, part: str, intervals: Intervals) -> Verdict:
    """Separated: the 95 % interval of the difference on this part leaves out 0, and holds how far trainings differ.

    No verdict on a row in doubt.
    """
    worse, better = claim.worse(part), claim.better(part)
    if not worse or not better:
        return Verdict(numbers.MISSING)
    doubted = doubt(worse) or doubt(better)
    if doubted:
        return Verdict(f"no claim: {doubted}")
    measured, (low, high) = intervals.difference(worse, better)
    text = "separated" if low > 0 else "the other way round" if high < 0 else "not separated"
    if text != "not separated":
        text += intervals.at_wider_search(worse, better, low > 0).value
    if text != "not separated" and not intervals.holds_trainings(worse, better):
        text += ONE_TRAINING
    figures = {"difference_percent": measured, "low95_percent": low, "high95_percent": high}
    return Verdict(text, numbers.difference_interval(measured, (low, high)), figures)
