"""utterances.tsv: word errors per utterance, one line each under a header."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text, whole_lines


@dataclass(frozen=True)
class UtteranceErrors:
    """Word errors of one utterance."""

    name: str
    """Of the segment."""
    words: int
    """Of the reference."""
    insertions: int
    deletions: int
    substitutions: int

    @property
    def errors(self) -> int:
        """Of all three kinds."""
        return self.insertions + self.deletions + self.substitutions


_COLUMNS = [field.name for field in fields(UtteranceErrors)]


def write_utterances(path: str | PathLike, utterances: Iterable[UtteranceErrors]) -> None:
    """Columns are separated by tabs."""
    with open_text(path, "wt") as file:
        file.writelines("\t".join(map(str, row)) + "\n" for row in (_COLUMNS, *map(astuple, utterances)))


def read_utterances(path: str | PathLike) -> list[UtteranceErrors]:
    """In file order.

    :raises InputError: naming file and line of an entry that is broken or repeated
    """
    found: dict[str, UtteranceErrors] = {}
    lines = whole_lines(path)
    if next(lines, "").rstrip("\n").split("\t") != _COLUMNS:
        raise InputError(f"{path}:1: not a table of errors per utterance; score the hypotheses again")
    for number, line in enumerate(lines, start=2):
        name, *counts = line.rstrip("\n").split("\t")
        if len(counts) != len(_COLUMNS) - 1 or not all(count.isdecimal() for count in counts) or name in found:
            raise InputError(f"{path}:{number}: a broken or repeated entry; score the hypotheses again")
        found[name] = UtteranceErrors(name, *map(int, counts))
    return list(found.values())
