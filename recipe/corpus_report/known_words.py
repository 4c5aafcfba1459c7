"""The words that a corpus' other files know: dictionary, search lexicon, vocabulary of the language model."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from recipe.corpus.text_rule import SUFFIXES

_OTHER_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'"})


@dataclass(frozen=True, kw_only=True)
class KnownWords:
    """Sets of words, as written."""

    dictionary: frozenset[str]
    """Of the corpus' dictionary."""
    search: frozenset[str]
    """That search can output."""
    vocabulary: frozenset[str]
    """Of the language model."""

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(word.lower() for word in self.vocabulary)

    @cached_property
    def letters(self) -> frozenset[str]:
        """All characters of the dictionary, in either case: those that G2P has seen."""
        text = "".join({letter for word in self.dictionary for letter in word})
        return frozenset(text + text.lower() + text.upper())

    def in_other_case(self, word: str, known: frozenset[str]) -> bool:
        """Whether a word is unknown as it is written, though the vocabulary has it in other letter case."""
        return word not in known and word not in self.vocabulary and word.lower() in self._folded

    def foreign(self, word: str) -> bool:
        """Whether a word has no pronunciation in the dictionary, and a letter that no dictionary word has."""
        return (
            word not in self.dictionary
            and word.lower() not in self._folded_dictionary
            and bool(set(word) - self.letters)
        )

    @cached_property
    def _folded_dictionary(self) -> frozenset[str]:
        return frozenset(word.lower() for word in self.dictionary)

    def in_other_form(self, stem: str, suffix: str) -> bool:
        """Whether the dictionary lacks the two tokens of a contraction, but has it as one word."""
        return suffix not in self.dictionary and stem + suffix in self.dictionary

    def joined_in_other_form(self, word: str) -> bool:
        """Whether the dictionary lacks a contraction, but has its two halves, or has it with a plain apostrophe."""
        if word in self.dictionary:
            return False
        stem, suffix = halves(word)
        plain = word.translate(_OTHER_APOSTROPHES)
        return (plain != word and plain in self.dictionary) or {stem, suffix} <= self.dictionary


def halves(word: str) -> tuple[str, str]:
    """`don`, `'t` of a contraction that is one word; `("", "")` of any other word."""
    plain = word.translate(_OTHER_APOSTROPHES)
    stem, mark, rest = plain.rpartition("'")
    suffix = mark + rest
    return (stem, suffix) if stem and suffix.lower() in SUFFIXES else ("", "")


def is_second_half(word: str) -> bool:
    """Whether a word is `'t` and the like."""
    return word.translate(_OTHER_APOSTROPHES).lower() in SUFFIXES


def known_words(dictionary: Iterable[str], search: Iterable[str], vocabulary: Iterable[str]) -> KnownWords:
    """The sets of some words."""
    return KnownWords(dictionary=frozenset(dictionary), search=frozenset(search), vocabulary=frozenset(vocabulary))
