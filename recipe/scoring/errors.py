"""Word errors per utterance: counting them on an alignment, showing it, storing them."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from recipe.errors import InputError
from recipe.files import open_text, whole_lines
from recipe.scoring.alignment import GAP, Pairs, same

GAP_MARK = "***"


@dataclass(frozen=True)
class UtteranceErrors:
    """`words` counts the reference's words."""

    name: str
    words: int
    insertions: int
    deletions: int
    substitutions: int

    @property
    def errors(self) -> int:
        return self.insertions + self.deletions + self.substitutions


def utterance_errors(name: str, pairs: Pairs) -> UtteranceErrors:
    insertions = sum(spoken is GAP for spoken, _ in pairs)
    deletions = sum(found is GAP for _, found in pairs)
    substitutions = sum(GAP not in pair and not same(*pair) for pair in pairs)
    return UtteranceErrors(name, len(pairs) - insertions, insertions, deletions, substitutions)


def readable(name: str, pairs: Pairs) -> str:
    """Two lines of words in columns, errors in capitals, gaps as ***."""
    columns = []
    for spoken, found in pairs:
        shown = str if same(spoken, found) else str.upper
        column = [GAP_MARK if word is GAP else shown(word) for word in (spoken, found)]
        width = max(map(len, column))
        columns.append([word.ljust(width) for word in column])
    lines = [" ".join(column[row] for column in columns).rstrip() for row in (0, 1)]
    return f"{name}\nREF: {lines[0]}\nHYP: {lines[1]}\n"


def write_utterances(path: str, utterances: Iterable[UtteranceErrors]):
    """A table with a header, columns apart by tabs."""
    with open_text(path, "wt") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None)
        writer.writerow([field.name for field in fields(UtteranceErrors)])
        writer.writerows(asdict(utterance).values() for utterance in utterances)


def read_utterances(path: str) -> list[UtteranceErrors]:
    """:raises InputError: naming file and line of an entry that is broken or repeated."""
    columns = [field.name for field in fields(UtteranceErrors)]
    found = {}
    lines = whole_lines(path)
    if next(lines, "").rstrip("\n").split("\t") != columns:
        raise InputError(f"{path}:1: not a table of errors per utterance; score the hypotheses again")
    for number, line in enumerate(lines, 2):
        name, *counts = line.rstrip("\n").split("\t")
        if len(counts) != len(columns) - 1 or not all(count.isdecimal() for count in counts) or name in found:
            raise InputError(f"{path}:{number}: a broken or repeated entry; score the hypotheses again")
        found[name] = UtteranceErrors(name, *map(int, counts))
    return list(found.values())
