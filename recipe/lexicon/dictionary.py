"""Pronunciation files: the corpus' .dic with its flaws mended, and our own plain form of it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from recipe.errors import InputError, shown
from recipe.files import open_text, whole_lines
from recipe.given_text import given_lines
from recipe.lexicon.labels import PHONES

Pronunciations = dict[str, list[tuple[str, ...]]]
"""Word -> its pronunciations in file order; the first is the one to train on."""

_VARIANT = re.compile(r"\([0-9]+\)$")
_KNOWN_PHONES = frozenset(PHONES)
# Flaws of TEDLIUM.152k.dic, mended as the published recipe does: a stray Turkish word, two suffixes spelt by letters.
_DROPPED = {("ayışığı", ("EY",))}
_REPLACED = {("'d", ("D", "IY")): ("D",), ("'ll", ("EH", "L", "EH", "L")): ("L",)}


def _entries(path: Path) -> Iterator[tuple[str, list[str]]]:
    """(word, phones) of every line that is not empty.

    :raises InputError: naming file and line that break the format
    """
    for where, line in given_lines(path):
        word, *phones = line.split() or [""]
        if not word:
            continue
        if not phones:
            raise InputError(f"{where}: no pronunciation for {shown(word)}; write `word PHONE PHONE ...`")
        unknown = [phone for phone in phones if phone not in _KNOWN_PHONES]
        if unknown:
            raise InputError(
                f"{where}: {shown(unknown[0])} in the pronunciation of {shown(word)} is none of the {len(PHONES)} "
                "phones (ARPA, upper case, no stress digits); mend or remove the line"
            )
        yield word, phones


def read_dictionary(path: Path) -> Pronunciations:
    """A .dic file: variant indices stripped, variants merged without duplicates, known flaws mended."""
    words: Pronunciations = {}
    for word, phones in _entries(path):
        word = _VARIANT.sub("", word)
        pronunciation = tuple(phones)
        if (word, pronunciation) in _DROPPED:
            continue
        pronunciation = _REPLACED.get((word, pronunciation), pronunciation)
        variants = words.setdefault(word, [])
        if pronunciation not in variants:
            variants.append(pronunciation)
    if not words:
        raise InputError(f"{path}: no entry; put a pronunciation dictionary there, a line `word PHONE PHONE ...` each")
    return words


def write_pronunciations(path: str | Path, words: Pronunciations) -> None:
    """`word PH PH ...` a line: words sorted, a word's variants in order."""
    with open_text(path, "wt") as file:
        for word in sorted(words):
            file.writelines(f"{word} {' '.join(phones)}\n" for phones in words[word])


def read_pronunciations(path: str | Path) -> Pronunciations:
    """What write_pronunciations wrote. Raises InputError against the format, or when there is none."""
    words: Pronunciations = {}
    for word, phones in _entries(Path(path)):
        words.setdefault(word, []).append(tuple(phones))
    if not words:
        raise InputError(f"{path} holds no word; run the job that writes it again")
    return words


def iterate_words(pronunciations: str | Path) -> Iterator[str]:
    """The words of a pronunciation file, each once, in order. :raises InputError: on an empty line"""
    previous = None
    for number, line in enumerate(whole_lines(pronunciations), start=1):
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        if not word:
            raise InputError(f"{pronunciations}:{number}: an empty line; make the pronunciations again")
        if word != previous:
            yield word
        previous = word


def find_oov(lines: Iterable[str], known: Iterable[str]) -> dict[str, int]:
    """Words of the text that are not known (upper and lower case are one), with their counts, sorted."""
    folded = {word.lower() for word in known}
    counts: dict[str, int] = {}
    for line in lines:
        for word in line.split():
            if word.lower() not in folded:
                counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))
