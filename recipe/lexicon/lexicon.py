"""Lexicons: each word with its label sequences, the only form in which targets and search know a label set."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from recipe.errors import InputError
from recipe.files import open_text, whole_lines


def write_lexicon(path: str | Path, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Flashlight's text form: `word LABEL LABEL ...`, a line per pronunciation."""
    with open_text(path, "wt") as file:
        file.writelines(f"{word} {' '.join(labels)}\n" for word, labels in entries)


def read_first_spellings(path: str | Path) -> dict[str, list[str]]:
    """Word (lower case) -> labels of its first listed pronunciation. Raises InputError if the file is broken."""
    first: dict[str, list[str]] = {}
    for number, line in enumerate(whole_lines(path), start=1):
        word, *labels = line.split() or [""]
        if not labels:
            raise InputError(f"{path}:{number}: a word without labels; make the lexicon again")
        first.setdefault(word.lower(), labels)
    if not first:
        raise InputError(f"{path} holds no word; make the lexicon again")
    return first


def write_inventory(path: str | Path, labels: Iterable[str]) -> None:
    """A label per line in index order."""
    with open_text(path, "wt") as file:
        file.writelines(f"{label}\n" for label in labels)


def read_inventory(path: str | Path) -> list[str]:
    """Labels in index order, the blank last. Raises InputError for a label listed twice."""
    labels = [line.rstrip("\n") for line in whole_lines(path)]
    if not labels or len(set(labels)) != len(labels):
        raise InputError(f"{path}: no label, or one listed twice; make the inventory again")
    return labels


def iterate_words(pronunciations: str | Path) -> Iterator[str]:
    """The words of a pronunciation file, each once, in order."""
    previous = None
    for number, line in enumerate(whole_lines(pronunciations), start=1):
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if not word:
            raise InputError(f"{pronunciations}:{number}: an empty line; make the pronunciations again")
        if word != previous:
            yield word
        previous = word
