"""The corpus report as tables of the page."""

from collections.abc import Mapping

from recipe.report.text_table import Table

WARNS = "warns"


def corpus_tables(report: Mapping) -> list[Table]:
    """Warnings, sizes of the parts, LM texts, and each figure against its limits.

    :param report: what CorpusReportJob wrote as JSON
    """
    findings, parts, texts = report["findings"], report["parts"], report["lm_texts"]
    warnings = [one for one in findings if one["verdict"] == WARNS]
    made = [
        Table(
            caption=f"Warnings. {len(warnings)} of {len(findings)} figures are above a limit that warns",
            header=["where", "what", "count", "share", "examples", "limit"],
            rows=[
                [one["where"], one["what"], _count(one), _percent(one), "; ".join(one["examples"]), one["check"]]
                for one in warnings
            ],
        ),
        Table(
            caption="Parts. What each of them holds",
            header=["part", *next(iter(parts.values()))],
            rows=[[name, *(f"{value:,}" for value in counts.values())] for name, counts in parts.items()],
        ),
    ]
    if texts:
        rows = [
            [
                t["text"],
                *(f"{t[key]:,}" for key in ("sentences", "sampled_sentences", "sampled_words", "unknown_percent")),
            ]
            for t in texts
        ]
        header = ["text", "sentences", "of them counted", "words counted", "unknown %"]
        made.append(Table(caption="LM texts. Their size and share of unknown words", header=header, rows=rows))
    odd = [one for one in findings if one["count"]]
    made.append(
        Table(
            caption=f"Counted. {len(findings) - len(odd)} further figures are 0",
            header=["limit", "where", "what", "count", "share", "warns above", "stops above"],
            rows=[[one["check"], one["where"], one["what"], _count(one), _percent(one), *_limits(one)] for one in odd],
        )
    )
    return made


def _count(finding: Mapping) -> str:
    return f"{finding['count']:,} of {finding['of']:,}"


def _percent(finding: Mapping) -> str:
    return f"{finding['percent']:.2f} %"


def _limits(finding: Mapping) -> list[str]:
    values = (finding["warns_above_percent"], finding["stops_above_percent"])
    return ["never" if value is None else f"{value:g} %" for value in values]
