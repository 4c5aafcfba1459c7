"""Tables for reading as text: without the rows that only the paper has, and with letters for long lists of choices."""

import re
from collections.abc import Sequence
from dataclasses import replace
from string import ascii_lowercase

from recipe.report.folding import folded
from recipe.report.numbers import counted
from recipe.report.text_table import Table

CHOICES = re.compile(r"\w+=[^\s,]+(?:,\w+=[^\s,]+)+")
"""Two or more choices of a row: `attention_operand_bits=8,start=float`."""


def abridged(blocks: Sequence[Table]) -> list[Table]:
    """The blocks of one table as Markdown and LaTeX show them; notes below each say what is missing or meant."""
    return lettered([_without_folded(block) for block in blocks])


def _without_folded(table: Table) -> Table:
    shown, hidden = folded(table)
    if not hidden:
        return table
    note = f"Left out: {counted(len(hidden), 'row')} of the paper that this graph has nothing beside."
    return replace(table, rows=shown, notes=[*table.notes, note])


def lettered(blocks: Sequence[Table]) -> list[Table]:
    """Letters in the place of lists of choices, the same in all blocks: `3 (a)`. The last block says what they mean."""
    found = {text for block in blocks for row in block.rows for cell in row for text in CHOICES.findall(cell)}
    letters = {
        text: f"({letter(index)})" for index, text in enumerate(sorted(found, key=lambda text: (len(text), text)))
    }
    notes = [f"{mark}: {text.replace(',', ', ')}." for text, mark in letters.items()]
    short = [_with_letters(block, letters) for block in blocks]
    return [*short[:-1], *(replace(block, notes=[*notes, *block.notes]) for block in short[-1:])]


def _with_letters(table: Table, letters: dict[str, str]) -> Table:
    rows = [[CHOICES.sub(lambda match: letters[match[0]], cell) for cell in row] for row in table.rows]
    return replace(table, rows=rows)


def letter(index: int) -> str:
    """a, b, ..., z, aa, ab, ...: the letters of an index from 0."""
    before, here = divmod(index, len(ascii_lowercase))
    return (letter(before - 1) if before else "") + ascii_lowercase[here]
