"""Small random tasks for searches of transducers, compared with trying every path."""

from collections.abc import Callable
from typing import NamedTuple

import kenlm
import numpy as np
import pytest

from recipe.decoding.config import SearchConfig
from recipe.decoding.label_posteriors import LabelPosteriors
from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.transducer_search import TransducerSearch
from recipe.formats.hypotheses import Hypothesis
from tests.recipe.decoding.brute_force import best_words

EXHAUSTIVE = SearchConfig(beam=10**6, beam_labels=10**6, beam_threshold=1e9, word_score=-0.3)
WORDS = ("cat", "dog", "a", "tad", "dad")

OfLabels = Callable[[tuple[int, ...]], np.ndarray]
"""What follows labels: log posteriors [T, V], or log probabilities [V - 1] of the internal language model."""


class Task(NamedTuple):
    """Two or three labels, three or four words (homophones, prefixes and words unknown to the model among them)."""

    lexicon: list[tuple[str, tuple[int, ...]]]
    table: np.ndarray
    """Log posteriors [T, V, V] of a context of one label."""
    internal: np.ndarray
    """Its internal language model, [V, V - 1]."""
    lm_scale: float
    internal_scale: float
    per_frame: int

    @property
    def num_labels(self) -> int:
        """V - 1"""
        return self.table.shape[1] - 1


def random_task(seed: int) -> Task:
    """The task of a seed."""
    random = np.random.default_rng(seed)
    num_labels, num_frames, per_frame = ((2, 3, 2), (3, 2, 2), (2, 5, 1), (3, 4, 1), (2, 2, 3))[seed % 5]
    words = random.choice(WORDS, random.integers(3, 5), replace=False).tolist()
    spelled = [(word, tuple(random.integers(0, num_labels, random.integers(1, 4)).tolist())) for word in words]
    lexicon = list(dict.fromkeys([*spelled, (words[0], (0,))]))
    table = log_softmax(2 * random.normal(size=(num_frames, num_labels + 1, num_labels + 1)))
    internal = log_softmax(random.normal(size=(num_labels + 1, num_labels)))
    lm_scale, internal_scale = random.uniform(0, 2, 2)
    return Task(lexicon, table, internal, lm_scale, internal_scale, per_frame)


def log_softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def found_as_by_trying_every_path(
    task: Task, lm_path: str, posteriors: LabelPosteriors, outputs: OfLabels, internal_lm: OfLabels, tolerance: float
) -> Hypothesis:
    """What the search finds without pruning; asserts that it is the best path's.

    :param outputs: of every frame after labels; :param internal_lm: likewise
    """
    tree = LexiconTree(task.lexicon, task.num_labels + 1, lm_path)
    found = TransducerSearch(tree, EXHAUSTIVE, task.lm_scale, task.internal_scale, task.per_frame)(posteriors)
    wanted = best_words(
        len(task.table),
        task.num_labels,
        outputs,
        internal_lm,
        task.lexicon,
        kenlm.Model(lm_path),
        task.lm_scale,
        task.internal_scale,
        EXHAUSTIVE.word_score,
        task.per_frame,
    )
    assert (found.words, found.score) == (wanted[0], pytest.approx(wanted[1], abs=tolerance))
    return found
