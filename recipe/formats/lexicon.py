"""lexicon.txt: each word with the labels that spell it, in Flashlight's text form, for the search and for targets."""

from collections.abc import Iterable, Sequence
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text, whole_lines

Spellings = list[tuple[str, tuple[int, ...]]]
"""(word, label indices) per pronunciation, in file order, each pair once."""


def write_lexicon(path: str | PathLike, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
    """`word LABEL LABEL ...`, one line per pronunciation."""
    with open_text(path, "wt") as file:
        file.writelines(f"{word} {' '.join(labels)}\n" for word, labels in entries)


def read_lexicon(path: str | PathLike, labels: Sequence[str]) -> Spellings:
    """The pronunciations as indices into `labels`.

    :raises InputError: naming file and line of a word without labels or with a label that is not among `labels`
    """
    index = {label: number for number, label in enumerate(labels)}
    entries: dict[tuple[str, tuple[int, ...]], None] = {}
    for number, line in enumerate(whole_lines(path), start=1):
        word, *spelling = line.split() or [""]
        if not spelling:
            raise InputError(f"{path}:{number}: a word without labels; make the lexicon again")
        unknown = [label for label in spelling if label not in index]
        if unknown:
            raise InputError(
                f"{path}:{number}: label {unknown[0]!r} of the word {word!r} is not in the inventory; "
                "make the lexicon from the model's own labels"
            )
        entries[word, tuple(index[label] for label in spelling)] = None
    if not entries:
        raise InputError(f"{path}: no words; make the lexicon again")
    return list(entries)
