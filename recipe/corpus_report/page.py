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
    yield f"{len(stopping)} limit(s) stop the graph, {len(warning)} warn; {len(report.findings)} were looked at."
    for title, chosen in (("Stops", stopping), ("Warnings", warning)):
        if chosen:
            yield from _headed(title, "-")
            for finding in chosen:
                text = f"{finding.figures()}; {finding.mend} [{finding.check}]"
                yield textwrap.fill(text, WIDTH, initial_indent="* ", subsequent_indent="  ", break_long_words=False)
    yield from _headed("Parts", "-")
    yield from _table(["part", *next(iter(report.parts.values()))], [[n, *c.values()] for n, c in report.parts.items()])
    if report.texts:
        yield from _headed("LM texts", "-")
        head = ["text", "sentences", "of them counted", "words counted", "unknown %"]
        yield from _table(head, [[*text.values()] for text in report.texts])
    yield from _headed("All that was counted", "-")
    yield from _table(
        ["limit", "where", "count", "of", "%", "warns above", "stops above"], _rows(report.findings, limits)
    )


def _rows(findings: Sequence[Finding], limits: CorpusLimits) -> list[list[object]]:
    return [
        [
            one.check,
            one.where,
            one.count,
            one.of,
            f"{one.percent:.2f}",
            *map(_percent, vars(getattr(limits, one.check)).values()),
        ]
        for one in findings
    ]


def _percent(limit: float | None) -> str:
    return "never" if limit is None else f"{limit:g}"


def _headed(title: str, line: str) -> list[str]:
    return ["", title, line * len(title)] if line == "-" else [title, line * len(title)]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Columns apart by two blanks, numbers to the right."""
    texts = [
        list(head),
        *([f"{cell:,}" if isinstance(cell, (int, float)) else str(cell) for cell in row] for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    numeric = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(head))]
    for row in texts:
        cells = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)]
        yield "  ".join(cells).rstrip()


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) or (
        isinstance(cell, str) and (cell == "never" or cell.replace(".", "").isdigit())
    )
