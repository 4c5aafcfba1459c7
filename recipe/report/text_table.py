"""A table of text cells and its forms: Markdown (aligned for the terminal), CSV and LaTeX."""

import csv
import io
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

WIDTH = 110


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table for readers, and the same facts as records for programs."""

    caption: str
    """Name, a full stop, then what is shown on which data."""
    header: Sequence[str]
    """Column titles."""
    rows: Sequence[Sequence[str]]
    """Cells as they are printed, one per column."""
    records: Sequence[dict] = ()
    """The unrounded figures that the rows show."""
    notes: Sequence[str] = ()
    """Remarks below the table."""

    def __post_init__(self):
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"row {row} has {len(row)} cells for {len(self.header)} columns")


def markdown(tables: Sequence[Table]) -> str:
    """Tables with aligned columns, captions and notes wrapped at WIDTH characters."""
    return "\n".join(_markdown(table) for table in tables)


def _markdown(table: Table) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (table.header, *table.rows)]
    widths = [max(3, *map(len, column)) for column in zip(*cells, strict=True)]
    lines = [f"| {' | '.join(map(str.ljust, row, widths))} |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    name, _, rest = table.caption.partition(". ")
    notes = [textwrap.fill(note, WIDTH, initial_indent="- ", subsequent_indent="  ") for note in table.notes]
    return "\n".join([textwrap.fill(f"**{name}.** {rest}", WIDTH), "", *lines, "", *notes, *([""] if notes else [])])


def comma_separated(tables: Sequence[Table]) -> str:
    """One line per record; columns are the union of the records' keys, unknown figures stay empty."""
    records = [record for table in tables for record in table.records]
    fields = list(dict.fromkeys(key for record in records for key in record))
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


_LATEX = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "±": r"$\pm$",
    }
)


def latex(tables: Sequence[Table]) -> str:
    """`table` environments with plain rules: they compile without any package."""
    return "\n".join(_latex(table) for table in tables)


def _latex(table: Table) -> str:
    def line(cells: Sequence[str]) -> str:
        return " & ".join(cell.translate(_LATEX) for cell in cells) + r" \\"

    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{' '.join([table.caption + '.', *table.notes]).translate(_LATEX)}}}",
            rf"\begin{{tabular}}{{{'l' * len(table.header)}}}",
            r"\hline",
            line(table.header),
            r"\hline",
            *map(line, table.rows),
            r"\hline",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def to_json(tables: Mapping[str, Sequence[Table]]) -> str:
    """All tables of a report, by name."""
    return json.dumps({name: [asdict(t) for t in blocks] for name, blocks in tables.items()}, indent=1) + "\n"


def from_values(values: dict[str, list[dict]]) -> dict[str, list[Table]]:
    """The tables, from the parsed text that `to_json` wrote."""
    return {name: [Table(**fields) for fields in blocks] for name, blocks in values.items()}
