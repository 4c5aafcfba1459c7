"""What was counted, and what is said about it: nothing, a warning, or the sentence that stops a graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from recipe.corpus_report.limits import CorpusLimits

EXAMPLES = 3
"""Shown of each finding."""
OK, WARNS, STOPS = "ok", "warns", "stops"


@dataclass(kw_only=True)
class Finding:
    """How many of something are odd, with examples."""

    check: str
    """The field of CorpusLimits that judges it."""
    where: str
    """A part or a file."""
    what: str
    """What is odd about those counted: `words outside the search lexicon`."""
    mend: str
    """What to do about it, as an imperative."""
    path: str = ""
    """The whole path of a file, for the sentence that stops a graph; pages show the end of it as `where`."""
    of: int = 0
    """How many were looked at."""
    count: int = 0
    """How many of them are odd."""
    examples: list[str] = field(default_factory=list)
    """At most three, each once."""

    def add(self, example: str, number: int = 1) -> None:
        """Count some odd ones."""
        self.count += number
        if len(self.examples) < EXAMPLES and example not in self.examples:
            self.examples.append(example)

    @property
    def percent(self) -> float:
        """Share of those that are odd."""
        return 100 * self.count / max(self.of, 1)

    def verdict(self, limits: CorpusLimits) -> str:
        """OK, WARNS or STOPS."""
        limit = getattr(limits, self.check)
        if not self.count:
            return OK
        if limit.stop is not None and self.percent > limit.stop:
            return STOPS
        return WARNS if limit.warn is not None and self.percent > limit.warn else OK

    def figures(self) -> str:
        """`dev: 31 of 460 words (6.7 %) outside the search lexicon: a, b, c`."""
        return f"{self.where}: {self._figures()}"

    def _figures(self) -> str:
        examples = f": {', '.join(self.examples)}" if self.examples else ""
        return f"{self.count:,} of {self.of:,} ({shown_percent(self.percent)}) {self.what}{examples}"

    def sentence(self) -> str:
        """What is said when it stops a graph."""
        return (
            f"{self.path or self.where}: {self._figures()}; {self.mend}, or allow it with Setup.corpus_limits = "
            f"CorpusLimits({self.check}=Limit(stop={_above(self.percent)}))"
        )

    def record(self, limits: CorpusLimits) -> dict[str, object]:
        """For the JSON file."""
        limit = getattr(limits, self.check)
        return {
            "check": self.check,
            "where": self.where,
            "what": self.what,
            "count": self.count,
            "of": self.of,
            "percent": round(self.percent, 4),
            "examples": self.examples,
            "verdict": self.verdict(limits),
            "warns_above_percent": limit.warn,
            "stops_above_percent": limit.stop,
            "mend": self.mend,
        }


def shown_percent(percent: float) -> str:
    """`0.034 %`, `6.7 %`, `45 %`: two digits."""
    return f"{percent:.2g} %" if percent < 10 else f"{percent:.0f} %"


def _above(percent: float) -> int:
    """A whole percentage that is not exceeded."""
    return min(100, int(percent) + 1)


def with_verdict(findings: Iterable[Finding], limits: CorpusLimits, verdict: str) -> list[Finding]:
    """Those with this verdict, in their order."""
    return [finding for finding in findings if finding.verdict(limits) == verdict]


def stopping_sentence(findings: Sequence[Finding], limits: CorpusLimits, page: str) -> str:
    """What a graph says that is stopped; empty if nothing stops it.

    :param page: where the whole report is
    """
    stopping = with_verdict(findings, limits, STOPS)
    if not stopping:
        return ""
    more = f"{len(stopping) - 1} more limit(s) are exceeded, " if len(stopping) > 1 else ""
    return f"{stopping[0].sentence()} ({more}all figures are in {page})"
