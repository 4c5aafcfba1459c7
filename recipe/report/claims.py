"""The statements that the paper's tables make, as pairs of systems to compare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from recipe.report import numbers, paper
from recipe.report.bootstrap import Bootstrap
from recipe.report.config import SCALES
from recipe.report.results import Result, Results, bits_order

CLAIM_NOTES = (
    "Positive: the system named first makes more errors. Not separated: the interval holds 0.",
    "Both sides are resampled on the same utterances; memristor rows resample their devices as well.",
    "Digital rows have tuned scales. Tuned against digital is the effect of the device, fixed against tuned that of "
    "search scales that do not fit it.",
    "The intervals are not corrected for the number of claims.",
)

Row = Callable[[str], list[Result]]


@dataclass(frozen=True)
class Claim:
    """`worse(part)` makes more errors than `better(part)`; an empty side is not in the graph.

    :param published: the same difference in the paper, in percent points on its dev part
    """

    text: str
    worse: Row
    better: Row
    published: float | None = None


@dataclass(frozen=True)
class Verdict:
    text: str
    interval: str = ""
    figures: dict = field(default_factory=dict)


def claims(results: Results) -> Iterator[Claim]:
    yield from _digital_claims(results)
    for preset in results.presets():
        for bits in sorted(results.bits("memristor"), key=bits_order):
            tuned, fixed = (_devices(results, bits, preset, scales) for scales in SCALES)
            row, digital = f"{bits}-bit memristor ({preset}", _digital(results, "QAT", bits)
            yield Claim(f"{row}, tuned scales) worse than digital", tuned, digital)
            yield Claim(f"{row}, fixed scales) worse than digital", fixed, digital, _published_loss(bits))
            yield Claim(f"{row}): fixed scales worse than tuned", fixed, tuned)


def _digital_claims(results: Results) -> Iterator[Claim]:
    for bits in ("3", "2"):
        yield _claim(results, ("PTQ", bits), ("QAT", bits))
    for kind in ("PTQ", "QAT"):
        for wide, narrow in pairwise(sorted(filter(str.isdigit, results.bits(kind)), key=bits_order)):
            if kind == "PTQ" or narrow == "2":
                yield _claim(results, (kind, narrow), (kind, wide))


def _claim(results: Results, worse: tuple[str, str], better: tuple[str, str]) -> Claim:
    (kind, bits), (other, other_bits) = worse, better
    published = paper.DIGITAL[kind].get(bits), paper.DIGITAL[other].get(other_bits)
    return Claim(
        f"{bits}-bit {kind} worse than {other_bits}-bit {other}",
        _digital(results, kind, bits),
        _digital(results, other, other_bits),
        None if None in published else published[0] - published[1],
    )


def _published_loss(bits: str) -> float | None:
    return paper.MEMRISTOR[bits].mean - paper.QAT[bits] if bits in paper.MEMRISTOR else None


def _digital(results: Results, kind: str, bits: str) -> Row:
    return lambda part: [found for found in [results.digital(kind, bits, part)] if found]


def _devices(results: Results, bits: str, preset: str, scales: str) -> Row:
    return lambda part: results.devices(bits, preset, part, scales)


def judge(claim: Claim, part: str, bootstrap: Bootstrap) -> Verdict:
    worse, better = claim.worse(part), claim.better(part)
    if not worse or not better:
        return Verdict(numbers.MISSING)
    measured, (low, high) = bootstrap.difference(worse, better)
    text = "separated" if low > 0 else "the other way round" if high < 0 else "not separated"
    figures = {"difference_percent": measured, "low95_percent": low, "high95_percent": high}
    return Verdict(text, numbers.difference_interval(measured, (low, high)), figures)
