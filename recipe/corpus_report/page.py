"""The report as JSON, and as a page to read in a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from recipe.corpus_report.findings import STOPS, WARNS, Finding, with_verdict
from recipe.corpus_report.limits import CorpusLimits
from recipe.corpus_report.report import CorpusReport

WIDTH = 120


def values(report: CorpusReport, setup_name: str, limits: CorpusLimits) -> dict[str, object]:
    """For the JSON file."""
    return {
        "setup": setup_name,
        "parts": report.parts,
        "lm_texts": report.texts,
        "findings": [finding.record(limits) for finding in report.findings],
    }


def page(report: CorpusReport, setup_name: str, limits: CorpusLimits) -> str:
    """The page: what stops, what warns, sizes, then everything that was counted."""
    return "\n".join(_lines(report, setup_name, limits)) + "\n"


def _lines(report: CorpusReport, setup_name: str, limits: CorpusLimits) -> Iterator[str]:
    yield from _headed(f"Corpus report of {setup_name}", "=")
    stopping, warning = (with_verdict(report.findings, limits, verdict) for verdict in (STOPS, WARNS))
    yield f"{len(stopping)} limit(s) stop the graph, {len(warning)} warn; {len(report.findings)} figures were counted."
    for title, chosen in (("Stops", stopping), ("Warnings", warning)):
        if chosen:
            yield from _headed(title, "-")
            for finding in chosen:
                text = f"{finding.figures()}; {finding.mend} [{finding.check}]"
                yield textwrap.fill(text, WIDTH, initial_indent="* ", subsequent_indent="  ", break_long_words=False)
    yield from _headed("Parts", "-")
    yield from _table(["part", *next(iter(report.parts.values()))], [[n, *c.values()] for n, c in report.parts.items()])
    yield from _headed("Counted in the parts: how many, of how many; above which shares it warns and stops", "-")
    yield from _table(["limit", *report.parts, ""], _rows(report.findings, list(report.parts), limits))
    if report.texts:
        yield from _headed("LM texts", "-")
        head = ["sentences", "of them counted", "words counted", "unknown %", "text"]
        yield from _table(head, [_text_row(text) for text in report.texts])
        for number, given in enumerate(report.texts, start=1):
            for one in report.findings:
                if one.where == given["text"] and one.count:
                    yield f"text {number}: {one.count:,} of {one.of:,} {one.what} {_thresholds(one.check, limits)}"


def _text_row(text: dict[str, object]) -> list[object]:
    name, *counts = text.values()
    return [*counts, name]


def _rows(findings: Sequence[Finding], parts: Sequence[str], limits: CorpusLimits) -> list[list[object]]:
    """A row per limit: the count in each part, the largest where a part is looked at against several others."""
    counted: dict[str, dict[str, Finding]] = {}
    for one in findings:
        if one.where in parts:
            largest = counted.setdefault(one.check, {}).setdefault(one.where, one)
            if one.count > largest.count:
                counted[one.check][one.where] = one
    return [
        [check, *(_cell(found.get(part)) for part in parts), _thresholds(check, limits)]
        for check, found in counted.items()
    ]


def _cell(finding: Finding | None) -> str:
    return "" if finding is None else f"{finding.count:,} / {finding.of:,}"


def _thresholds(check: str, limits: CorpusLimits) -> str:
    """`(1 %, 15 %)`"""
    shares = vars(getattr(limits, check)).values()
    return f"({', '.join('never' if share is None else f'{share:g} %' for share in shares)})"


def _headed(title: str, line: str) -> list[str]:
    return ["", title, line * len(title)] if line == "-" else [title, line * len(title)]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Columns apart by two blanks, numbers to the right."""
    texts = [list(head), *([f"{c:,}" if isinstance(c, (int, float)) else str(c) for c in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    numeric = [all(isinstance(row[i], (int, float)) for row in rows) for i in range(len(head))]
    for row in texts:
        cells = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)]
        yield "  ".join(cells).rstrip()
