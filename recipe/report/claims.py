"""The statements that the paper's tables make, as pairs of systems to compare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from recipe.report import numbers
from recipe.report.bootstrap import difference
from recipe.report.config import SCALES
from recipe.report.results import Result, Results, bits_order

CLAIM_NOTES = (
    "Positive: the system named first makes more errors. Not separated: the interval holds 0.",
    "Both sides are resampled on the same utterances; memristor rows resample their devices as well.",
    "The intervals are not corrected for the number of claims.",
)


@dataclass(frozen=True)
class Claim:
    """`worse(part)` makes more errors than `better(part)`; an empty side is not in the graph."""

    text: str
    worse: Callable[[str], list[Result]]
    better: Callable[[str], list[Result]]


@dataclass(frozen=True)
class Verdict:
    text: str
    interval: str = ""
    figures: dict = field(default_factory=dict)


def claims(results: Results) -> Iterator[Claim]:
    def digital(kind: str, bits: str) -> Callable[[str], list[Result]]:
        return lambda part: [found for found in [results.digital(kind, bits, part)] if found]

    def devices(bits: str, preset: str, scales: str) -> Callable[[str], list[Result]]:
        return lambda part: results.devices(bits, preset, part, scales)

    for bits in ("3", "2"):
        yield Claim(f"{bits}-bit PTQ worse than {bits}-bit QAT", digital("PTQ", bits), digital("QAT", bits))
    for wide, narrow in pairwise(sorted(filter(str.isdigit, results.bits("PTQ")), key=bits_order)):
        yield Claim(f"{narrow}-bit PTQ worse than {wide}-bit PTQ", digital("PTQ", narrow), digital("PTQ", wide))
    for preset in results.presets():
        for scales in SCALES:
            for bits in sorted(results.bits("memristor"), key=bits_order):
                text = f"{bits}-bit memristor ({preset}, {scales} scales) worse than digital"
                yield Claim(text, devices(bits, preset, scales), digital("QAT", bits))


def judge(claim: Claim, part: str, results: Results, seed: int) -> Verdict:
    worse, better = claim.worse(part), claim.better(part)
    if not worse or not better:
        return Verdict(numbers.MISSING)
    measured, (low, high) = difference(worse, better, seed)
    text = "separated" if low > 0 else "the other way round" if high < 0 else "not separated"
    figures = {"difference_percent": measured, "low95_percent": low, "high95_percent": high}
    return Verdict(text, numbers.difference_interval(measured, (low, high)), figures)
