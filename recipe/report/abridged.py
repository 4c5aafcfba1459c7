"""Tables for reading as text: without the rows that only the paper has, and with letters for long lists of choices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from recipe.report.choice_letters import CHOICES, choice_letters
from recipe.report.folding import folded
from recipe.report.numbers import counted
from recipe.report.text_table import Table


def abridged(blocks: Sequence[Table], letters: Mapping[str, str]) -> list[Table]:
    """The blocks of one table as Markdown and LaTeX show them; notes below each say what is missing or meant."""
    return lettered([_without_folded(block) for block in blocks], letters)


def letters_of(tables: Iterable[Sequence[Table]]) -> dict[str, str]:
    """The letters of all lists of choices in these tables."""
    return choice_letters(cell for blocks in tables for block in blocks for row in block.rows for cell in row)


def _without_folded(table: Table) -> Table:
    shown, hidden = folded(table)
    if not hidden:
        return table
    note = f"Left out: {counted(len(hidden), 'row')} of the paper that this graph has nothing beside."
    return replace(table, rows=shown, notes=[*table.notes, note])


def lettered(blocks: Sequence[Table], letters: Mapping[str, str]) -> list[Table]:
    """Letters in the place of lists of choices: `3 (a)`. The last block says what those in the table mean.

    :param letters: of all tables of a report, so that they are the same in each
    """
    here = letters_of([blocks])
    notes = [f"{mark}: {text.replace(',', ', ')}." for text, mark in letters.items() if text in here]
    short = [_with_letters(block, letters) for block in blocks]
    return [*short[:-1], *(replace(block, notes=[*notes, *block.notes]) for block in short[-1:])]


def _with_letters(table: Table, letters: Mapping[str, str]) -> Table:
    rows = [[CHOICES.sub(lambda match: letters[match[0]], cell) for cell in row] for row in table.rows]
    return replace(table, rows=rows)
