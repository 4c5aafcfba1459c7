"""The lexicon as a prefix tree in arrays, with KenLM: what the search of transducers walks on.

Flashlight's tree (search.py) serves its own decoder alone, which takes scores per frame; those of a transducer depend
on the last label as well.
"""

import kenlm
import numpy as np

from recipe.errors import InputError
from recipe.formats.lexicon import Spellings

ROOT = 0


class LexiconTree:
    """Nodes are numbered from the root, 0. Children of a node, and words that end at it, are runs of arrays.

    A word that the language model lacks stays decodable: it scores as the model's unknown word. All homophones stay.
    """

    def __init__(self, lexicon: Spellings, num_labels: int, lm_path: str):
        """
        :param lexicon: (word, label indices) per pronunciation
        :param num_labels: V, with blank, which is label V - 1
        :param lm_path: KenLM binary or ARPA
        :raises InputError: when a pronunciation holds blank
        """
        self.blank = num_labels - 1
        self.words = list(dict.fromkeys(word for word, _ in lexicon))
        self.lm = LanguageModel(lm_path, self.words)
        self.dropped: Spellings = []
        """Pronunciations that were left out: none."""
        self._insert(lexicon)

    def _insert(self, lexicon: Spellings) -> None:
        children: list[dict[int, int]] = [{}]
        ending: list[list[int]] = [[]]
        unigrams = self.lm.unigrams()
        best = [-np.inf]
        numbers = {word: number for number, word in enumerate(self.words)}
        for word, spelling in dict.fromkeys(lexicon):
            if self.blank in spelling:
                raise InputError(f"the lexicon spells {word!r} with blank; make it of the other labels")
            node, number = ROOT, numbers[word]
            for label in spelling:
                if label not in children[node]:
                    children[node][label] = len(children)
                    children.append({})
                    ending.append([])
                    best.append(-np.inf)
                node = children[node][label]
                best[node] = max(best[node], unigrams[number])
            ending[node].append(number)
        self.first_child, self.num_children = _runs([len(nodes) for nodes in children])
        self.child = np.array([node for nodes in children for node in nodes.values()], np.int64)
        self.child_label = np.array([label for nodes in children for label in nodes], np.int64)
        self.first_word, self.num_words = _runs([len(words) for words in ending])
        self.word = np.array([word for words in ending for word in words], np.int64)
        self.best_unigram = np.array([0.0, *best[1:]])
        """Largest log10 probability of the words at a node and below; 0 at the root. For pruning alone."""


def _runs(sizes: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Where each of so many runs begins, and their sizes."""
    lengths = np.array(sizes, np.int64)
    return np.cumsum(lengths) - lengths, lengths


class LanguageModel:
    """KenLM whose states are numbers, so that arrays can hold them; 0 is the beginning of a sentence."""

    def __init__(self, path: str, words: list[str]):
        """:raises InputError: when KenLM cannot read the file"""
        try:
            self._model = kenlm.Model(str(path))
        except OSError as error:
            raise InputError(f"{path}: not a whole KenLM model ({error}); build the binary again") from None
        self._words = words
        begin = kenlm.State()
        self._model.BeginSentenceWrite(begin)
        self._states, self._numbers = [begin], {begin: 0}
        self._known: dict[int, tuple[float, int]] = {}
        self._ends: dict[int, float] = {}

    def unigrams(self) -> list[float]:
        """Log10 probability of each word without a history."""
        nothing = kenlm.State()
        self._model.NullContextWrite(nothing)
        return [self._model.BaseScore(nothing, word, kenlm.State()) for word in self._words]

    def after(self, states: np.ndarray, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log10 probabilities of words [N] after states [N], and the states after them."""
        distinct, place = np.unique(states * len(self._words) + words, return_inverse=True)
        found = [self._known.get(pair) or self._ask(pair) for pair in distinct.tolist()]
        scores, following = zip(*found, strict=True) if found else ((), ())
        return np.array(scores, np.float64)[place], np.array(following, np.int64)[place]

    def _ask(self, pair: int) -> tuple[float, int]:
        state, word = divmod(pair, len(self._words))
        following = kenlm.State()
        score = self._model.BaseScore(self._states[state], self._words[word], following)
        number = self._numbers.setdefault(following, len(self._states))
        if number == len(self._states):
            self._states.append(following)
        self._known[pair] = score, number
        return score, number

    def end(self, state: int) -> float:
        """Log10 probability that the sentence ends."""
        if state not in self._ends:
            self._ends[state] = self._model.BaseScore(self._states[state], "</s>", kenlm.State())
        return self._ends[state]
