"""A back-off n-gram model as sorted arrays: small enough for hundreds of millions of n-grams, vectorised look-up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from recipe.errors import InputError
from recipe.files import open_text, whole_lines, written_aside
from recipe.lm.text import SENTENCE_BEGIN, SENTENCE_END, sentences_of

UNKNOWN = "<unk>"
SPECIALS = (UNKNOWN, SENTENCE_BEGIN, SENTENCE_END)
UNKNOWN_ID, BEGIN_ID, END_ID = range(3)
BLOCK = 1 << 22  # entries processed at a time, so that temporary arrays stay small for any model
FIELDS = ("keys", "prob", "backoff")


@dataclass(frozen=True, kw_only=True)
class Level:
    """The N n-grams of one order, sorted by `keys`."""

    keys: np.ndarray
    """[N] int64: index of the first n-1 words among the n-grams of the level below * vocabulary size + last word."""
    prob: np.ndarray
    """[N] float32: p(last word | the words before it)."""
    backoff: np.ndarray
    """[N] float32: weight of backing off from this n-gram."""

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, kw_only=True)
class NgramTable:
    """A back-off model. Its unigrams are all of `words`, in that order."""

    words: list[str]
    """The vocabulary, special words first (see shared_words)."""
    levels: list[Level]
    """levels[n - 1] holds the n-grams of order n."""

    @property
    def order(self) -> int:
        """Words per n-gram of the highest level."""
        return len(self.levels)

    @cached_property
    def ids(self) -> dict[str, int]:
        """Word -> number, for the words that can occur in a sentence."""
        return {word: number for number, word in enumerate(self.words) if number >= len(SPECIALS)}

    def save(self, folder: str):
        """Write the words and one file per array, each aside and then renamed."""
        Path(folder).mkdir(exist_ok=True)
        with open_text(Path(folder, "words.txt"), "wt") as file:
            file.writelines(word + "\n" for word in self.words)
        for number, level in enumerate(self.levels, 1):
            for field in FIELDS:
                with written_aside(Path(folder, f"{number}.{field}.npy")) as aside:
                    np.save(aside, getattr(level, field))

    @classmethod
    def load(cls, folder: str) -> "NgramTable":
        """Map a saved table into memory.

        :raises InputError: when it is incomplete
        """
        words = [line.rstrip("\n") for line in whole_lines(Path(folder, "words.txt"))]
        order = len(list(Path(folder).glob("*.keys.npy")))
        try:
            levels = [
                Level(**{field: np.load(Path(folder, f"{n}.{field}.npy"), mmap_mode="r") for field in FIELDS})
                for n in range(1, order + 1)
            ]
        except (OSError, ValueError, EOFError) as error:
            raise InputError(f"{folder}: not a whole n-gram table ({error}); run the job that made it again") from None
        sizes = [{len(level.keys), len(level.prob), len(level.backoff)} for level in levels]
        if not levels or any(len(size) > 1 for size in sizes) or len(words) != len(levels[0]):
            raise InputError(f"{folder}: words and n-grams do not fit together; run the job that made it again")
        return cls(words=words, levels=levels)


def find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index of each wanted key in the sorted `keys`, -1 where it is missing.

    Keys are searched in ascending order, which is ten times faster than random order: neighbours share the cache.
    """
    found = np.full(len(wanted), -1, np.int64)
    if len(keys) == 0:
        return found
    for at in blocks(len(wanted)):
        order = np.argsort(wanted[at])
        ascending = wanted[at][order]
        index = np.minimum(np.searchsorted(keys, ascending), len(keys) - 1)
        found[at][order] = np.where(keys[index] == ascending, index, -1)
    return found


def blocks(size: int) -> Iterator[slice]:
    """Slices of at most BLOCK entries that cover `size` entries."""
    return (slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK))


def shared_words(listed: Iterable[str]) -> list[str]:
    """The vocabulary of a table: the special words, then each listed word once."""
    return list(dict.fromkeys([*SPECIALS, *listed]))


def encode(lines: Iterable[str], ids: dict[str, int]) -> Iterator[np.ndarray]:
    """Normalised sentences as word ids between sentence marks, about BLOCK ids at a time; sentences are never split."""
    gathered = []
    for line in lines:
        gathered.append(BEGIN_ID)
        gathered.extend(ids.get(word, UNKNOWN_ID) for word in line.split())
        gathered.append(END_ID)
        if len(gathered) >= BLOCK:
            yield np.array(gathered, np.int64)
            gathered = []
    if gathered:
        yield np.array(gathered, np.int64)


def tokens_of(table: NgramTable, text: str) -> Iterator[np.ndarray]:
    """A text with a sentence per line, encoded.

    :raises InputError: when it is unreadable or holds no words
    """
    encoded = encode(sentences_of(text), table.ids)
    first = next(encoded, None)
    if first is None:
        raise InputError(f"{text}: no words to measure a model on; give a text with a sentence per line")
    yield first
    yield from encoded


def text_probabilities(table: NgramTable, text: str) -> np.ndarray:
    """p(token | those before it) [T] of the words and sentence ends of a text."""
    return np.concatenate([token_probabilities(table, tokens) for tokens in tokens_of(table, text)])


def ending_at(table: NgramTable, tokens: np.ndarray, orders: int) -> list[np.ndarray]:
    """For n = 1 .. orders: index [T] of the n-gram that ends at each token, -1 where the model has none.

    :param tokens: [T] ids as encode yields them; no n-gram spans two sentences, since no model lists such n-grams
    """
    found = [tokens]
    for n in range(1, orders):
        context = np.concatenate([[-1], found[-1][:-1]])
        wanted = np.where(context < 0, -1, context * len(table.words) + tokens)
        found.append(find(table.levels[n].keys, wanted))
    return found


def token_probabilities(table: NgramTable, tokens: np.ndarray) -> np.ndarray:
    """p(token | those before it in the sentence) [T'] for all tokens but the sentence begins."""
    found = ending_at(table, tokens, table.order)
    prob = table.levels[0].prob[tokens].astype(np.float64)
    for lower, level, shorter, longer in zip(table.levels, table.levels[1:], found, found[1:], strict=False):
        context = np.concatenate([[-1], shorter[:-1]])
        backoff = np.where(context < 0, 1.0, lower.backoff[context])
        prob = np.where(longer < 0, backoff * prob, level.prob[longer])
    return prob[tokens != BEGIN_ID]
