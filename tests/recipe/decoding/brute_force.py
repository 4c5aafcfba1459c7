"""The best word sequence of a transducer by trying every path: the oracle of tests. Plain loops, no shared code."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import kenlm
import numpy as np

Spellings = Sequence[tuple[str, tuple[int, ...]]]


def paths(num_frames: int, num_labels: int, labels_per_frame: int) -> Iterator[list[list[int]]]:
    """The labels emitted in each frame, for every path."""
    if num_frames == 0:
        yield []
        return
    emitted: list[list[int]] = [[]]
    for one in emitted:
        if len(one) < labels_per_frame:
            emitted.extend([*one, label] for label in range(num_labels))
    for rest in paths(num_frames - 1, num_labels, labels_per_frame):
        for one in emitted:
            yield [one, *rest]


def readings(labels: tuple[int, ...], lexicon: Spellings) -> Iterator[tuple[str, ...]]:
    """Every word sequence that is spelled so."""
    if not labels:
        yield ()
    for word, spelling in lexicon:
        if labels[: len(spelling)] == spelling:
            for rest in readings(labels[len(spelling) :], lexicon):
                yield (word, *rest)


def best_words(
    num_frames: int,
    num_labels: int,
    outputs: Callable[[tuple[int, ...]], np.ndarray],
    internal_lm: Callable[[tuple[int, ...]], np.ndarray],
    lexicon: Spellings,
    model: kenlm.Model,
    lm_scale: float,
    internal_lm_scale: float,
    word_score: float,
    labels_per_frame: int,
) -> tuple[str, float]:
    """Words and score of the best path; the score is -inf when there is none.

    :param outputs: log posteriors [T, V] after labels, blank last
    :param internal_lm: log probabilities [V - 1] of the label after them
    """
    blank, best = num_labels, ("", -np.inf)
    outputs, internal_lm = cache(outputs), cache(internal_lm)
    spellings: dict[tuple[int, ...], tuple[str, float]] = {}
    for path in paths(num_frames, num_labels, labels_per_frame):
        spelled = tuple(label for frame in path for label in frame)
        if spelled not in spellings:
            found = ("", -np.inf)
            for words in readings(spelled, lexicon):
                language = lm_scale * model.score(" ".join(words), bos=True, eos=True) + word_score * len(words)
                found = max(found, (" ".join(words), language), key=lambda pair: pair[1])
            spellings[spelled] = found
        words, score = spellings[spelled]
        if score == -np.inf:
            continue
        so_far: tuple[int, ...] = ()
        for frame, labels in enumerate(path):
            for label in labels:
                score += outputs(so_far)[frame, label] - internal_lm_scale * internal_lm(so_far)[label]
                so_far = (*so_far, label)
            score += outputs(so_far)[frame, blank]
        best = max(best, (words, score), key=lambda pair: pair[1])
    return best
