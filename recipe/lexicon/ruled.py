"""A dictionary under the text rule of its corpus."""

from recipe.corpus.text_rule import MARKER, SPLIT, UNCHANGED, TextRule
from recipe.lexicon.dictionary import Pronunciations

_SUFFIX_PHONES = {
    "'s": (("S",), ("Z",), ("IH", "Z"), ("AH", "Z")),
    "'t": (("T",),),
    "'m": (("M",),),
    "'re": (("R",), ("ER",)),
    "'ve": (("V",), ("AH", "V")),
    "'ll": (("L",), ("AH", "L")),
    "'d": (("D",), ("IH", "D"), ("AH", "D")),
}
"""How the second halves of contractions sound."""


def ruled(words: Pronunciations, rule: TextRule) -> Pronunciations:
    """The entries with their words written as the rule says; entries that become the same word are merged.

    A contraction that the rule splits gives its phones to both halves: `don't D OW N T` is `don D OW N` and `'t T`.
    Halves that cannot be told apart are left out, where the dictionary has an entry of their own or none.
    """
    if rule == UNCHANGED:
        return words
    made: Pronunciations = {}
    for word, pronunciations in words.items():
        if rule.drop_markers and MARKER.fullmatch(word):
            continue
        written = rule.applied(word).split()
        for phones in pronunciations:
            if len(written) == 1:
                _add(made, written[0], phones)
            elif len(written) == 2 and rule.apostrophes == SPLIT:
                stem, suffix = written
                for split in _halves(stem, suffix, phones, words):
                    _add(made, stem, split[0])
                    _add(made, suffix, split[1])
    return made


def _add(words: Pronunciations, word: str, phones: tuple[str, ...]) -> None:
    if phones not in (variants := words.setdefault(word, [])):
        variants.append(phones)


def _halves(
    stem: str, suffix: str, phones: tuple[str, ...], words: Pronunciations
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The phones of the two halves of a contraction: where the stem is a word, after its phones, else before those of
    a known suffix; empty where neither is known."""
    for known in sorted(words.get(stem, []), key=len, reverse=True):
        if phones[: len(known)] == known and len(phones) > len(known):
            return [(known, phones[len(known) :])]
    for known in sorted(_SUFFIX_PHONES.get(suffix.lower(), ()), key=len, reverse=True):
        if phones[-len(known) :] == known and len(phones) > len(known):
            return [(phones[: -len(known)], known)]
    return []
