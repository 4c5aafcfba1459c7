"""Print the tables of a finished graph: `python -m recipe.report.show OUTPUT_DIR`."""

import ast
import sys
from pathlib import Path

SHOWN = ("table2.md", "table3.md", "stages.md")


def perplexities(output: Path) -> list[str]:
    """A line per setup and part, from the Variables that PerplexityJob wrote."""
    lines = []
    for path in sorted(output.glob("*/perplexity.*")):
        measured = ast.literal_eval(path.read_text(encoding="utf-8"))
        lines.append(
            f"LM perplexity on {path.parent.name} {path.suffix[1:]}: {measured['perplexity']:.1f} "
            f"({measured['words']:,} words, {measured['oovs']} unknown)"
        )
    return lines


def shown(output: Path) -> str:
    """What is printed: tables, perplexities, where the report is.

    :raises FileNotFoundError: when a table is not there
    """
    texts = [(output / "tables" / name).read_text(encoding="utf-8") for name in SHOWN]
    report = output / "report.html"
    where = f"Report: {report}" if report.exists() else f"All tables: {output / 'tables'}"
    return "\n".join([*texts, *perplexities(output), where])


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
