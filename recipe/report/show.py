"""Print the tables of a finished graph: `python -m recipe.report.show OUTPUT_DIR`."""

import ast
import sys
from pathlib import Path

from recipe.files import read_json
from recipe.report.corpus_tables import WARNS
from recipe.report.numbers import counted
from recipe.report.pages import PAGE, UNFINISHED

SHOWN = ("table2.md", "table3.md", "stages.md")
SHOWN_WARNINGS = 5


def perplexities(output: Path) -> list[str]:
    """A line per setup and part, from the Variables that PerplexityJob wrote."""
    lines = []
    for path in sorted(output.glob("*/perplexity.*")):
        measured = ast.literal_eval(path.read_text(encoding="utf-8"))
        lines.append(
            f"LM perplexity on {path.parent.name} {path.suffix[1:]}: {measured['perplexity']:.1f}, "
            f"{measured['perplexity_without_oov']:.1f} without unknown words "
            f"({measured['oovs']} of {measured['words']:,} words)"
        )
    return lines


def corpus_warnings(output: Path) -> list[str]:
    """A line per setup: what its corpus report warns of."""
    lines = []
    for path in sorted(output.glob("*/corpus_report.json")):
        findings = [one for one in read_json(path)["findings"] if one["verdict"] == WARNS]
        told = [f"{one['where']} {one['check']} {one['percent']:.2g} %" for one in findings[:SHOWN_WARNINGS]]
        more = [f"{len(findings) - SHOWN_WARNINGS} more"] if len(findings) > SHOWN_WARNINGS else []
        warned = f"{counted(len(findings), 'warning')}: {', '.join(told + more)}" if findings else "no warning"
        lines.append(f"Corpus report of {path.parent.name}: {warned} ({path.with_suffix('.txt')})")
    return lines


def shown(output: Path) -> str:
    """What is printed: tables, perplexities, warnings of the corpus report, where the report is.

    :raises FileNotFoundError: when a table is not there
    """
    texts = [(output / "tables" / name).read_text(encoding="utf-8") for name in SHOWN]
    report = output / PAGE
    if report.exists() and report.resolve().name == UNFINISHED:
        where = f"These tables are of an earlier graph; the present one is unfinished: {report}"
    else:
        where = f"Report: {report}" if report.exists() else f"All tables: {output / 'tables'}"
    return "\n".join([*texts, *perplexities(output), *corpus_warnings(output), where])


def main(arguments: list[str]) -> int:
    """Print; 1 when a table is missing, 2 when the arguments are wrong."""
    if len(arguments) != 1:
        print("usage: python -m recipe.report.show OUTPUT_DIR", file=sys.stderr)
        return 2
    try:
        print(shown(Path(arguments[0])))
    except FileNotFoundError as missing:
        print(f"{missing.filename} is not there; run `make tables` to its end first", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
