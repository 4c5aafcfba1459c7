"""Which rows of a table a page shows, and which it folds: those of the paper that the graph has nothing beside."""

from collections.abc import Sequence

from recipe.report import numbers, paper
from recipe.report.text_table import Table

NAMES = {"system", "bits", "preset", "search scales", "claim", f"paper {paper.PART}"}
"""Columns that hold nothing that the graph measured."""
PUBLISHED_ROW = "published"
"""What a row of the paper's figures alone has in the column of search scales."""
EMPTY = {"", numbers.MISSING, numbers.UNPUBLISHED}

Rows = list[Sequence[str]]


def folded(table: Table) -> tuple[Rows, Rows]:
    """Rows to show and rows to fold; all are shown where the table's records hold nothing of ours.

    A row is folded when it says `not in this graph` and no column holds a figure of ours. The paper's own row of a bit
    width goes with the rows of that width.
    """
    held = {_width(table, row) for row in table.rows if not _is_published(table, row) and not _is_missing(table, row)}
    shown: Rows = []
    hidden: Rows = []
    for row in table.rows:
        away = _width(table, row) not in held if _is_published(table, row) else _is_missing(table, row)
        (hidden if away and held else shown).append(row)
    return shown, hidden


def _is_missing(table: Table, row: Sequence[str]) -> bool:
    ours = [cell for title, cell in zip(table.header, row, strict=True) if title not in NAMES]
    return numbers.MISSING in ours and set(ours) <= EMPTY


def _is_published(table: Table, row: Sequence[str]) -> bool:
    return PUBLISHED_ROW in _named(table, row, "search scales")


def _width(table: Table, row: Sequence[str]) -> tuple[str, ...]:
    """The bit width of a row, empty in a table without such a column."""
    return tuple(_named(table, row, "bits"))


def _named(table: Table, row: Sequence[str], column: str) -> list[str]:
    return [cell for title, cell in zip(table.header, row, strict=True) if title == column]
