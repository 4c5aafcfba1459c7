"""Word errors per utterance, counted on an alignment with sclite's costs."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import kaldialign

from recipe.errors import InputError
from recipe.files import open_text

GAP = "***"


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


def align(reference: str, hypothesis: str) -> list[tuple[str | None, str | None]]:
    """Pairs of words, None for a gap; insertions and deletions cost 3, substitutions 4, case does not count.

    These are sclite's costs: against plain edit distance they prefer an insertion and a deletion to two
    substitutions, so that the same words are found right as in the tool that the paper scored with.
    """
    # None stands for the gap, so no word can be mistaken for it: the aligner sees numbers.
    words = {word: number for number, word in enumerate({*reference.lower().split(), *hypothesis.lower().split()})}
    spoken, found = ([words[word] for word in text.lower().split()] for text in (reference, hypothesis))
    pairs = kaldialign.align(spoken, found, -1, sclite_mode=True)
    left, right = iter(reference.split()), iter(hypothesis.split())
    return [(None if a == -1 else next(left), None if b == -1 else next(right)) for a, b in pairs]


def utterance_errors(name: str, pairs: list[tuple[str | None, str | None]]) -> UtteranceErrors:
    insertions = sum(spoken is None for spoken, _ in pairs)
    deletions = sum(found is None for _, found in pairs)
    substitutions = sum(None not in pair and pair[0].lower() != pair[1].lower() for pair in pairs)
    return UtteranceErrors(name, len(pairs) - insertions, insertions, deletions, substitutions)


def readable(name: str, pairs: list[tuple[str | None, str | None]]) -> str:
    """Two lines of words in columns, errors in capitals, gaps as ***."""
    columns = []
    for spoken, found in pairs:
        right = spoken is not None and found is not None and spoken.lower() == found.lower()
        column = [GAP if word is None else word if right else word.upper() for word in (spoken, found)]
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
    with open_text(path) as file:
        header = file.readline().rstrip("\n").split("\t")
        if header != columns:
            raise InputError(f"{path}:1: not a table of errors per utterance; score the hypotheses again")
        for number, line in enumerate(file, 2):
            name, *counts = line.rstrip("\n").split("\t")
            if len(counts) != len(columns) - 1 or not all(count.isdecimal() for count in counts) or name in found:
                raise InputError(f"{path}:{number}: a broken or repeated entry; score the hypotheses again")
            found[name] = UtteranceErrors(name, *map(int, counts))
    return list(found.values())
