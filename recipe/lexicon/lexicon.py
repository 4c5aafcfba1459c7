"""Lexicons: each word with its label sequences, the only form in which targets and search know a label set."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from recipe.errors import InputError
from recipe.files import open_text


def write_lexicon(path: str | Path, entries: Iterable[tuple[str, Iterable[str]]]) -> None:
    """Flashlight's text form: `word LABEL LABEL ...`, a line per pronunciation."""
    with open_text(path, "wt") as file:
        file.writelines(f"{word} {' '.join(labels)}\n" for word, labels in entries)


def read_first_spellings(path: str | Path) -> dict[str, list[str]]:
    """Word (lower case) -> labels of its first listed pronunciation."""
    first: dict[str, list[str]] = {}
    with open_text(path) as file:
        for line in file:
            word, *labels = line.split()
            first.setdefault(word.lower(), labels)
    return first


def write_inventory(path: str | Path, labels: Iterable[str]) -> None:
    """A label per line in index order."""
    with open_text(path, "wt") as file:
        file.writelines(f"{label}\n" for label in labels)


def read_inventory(path: str | Path) -> list[str]:
    """Labels in index order, the blank last. Raises InputError for a label listed twice."""
    with open_text(path) as file:
        labels = [line.rstrip("\n") for line in file]
    if len(set(labels)) != len(labels):
        raise InputError(f"{path}: a label is listed twice; make the inventory again")
    return labels


def iterate_words(pronunciations: str | Path) -> Iterator[str]:
    """The words of a pronunciation file, each once, in order."""
    previous = None
    with open_text(pronunciations) as file:
        for line in file:
            word = line.split(maxsplit=1)[0]
            if word != previous:
                yield word
            previous = word
