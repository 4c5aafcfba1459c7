"""The best word sequence of a transducer by trying every path: the oracle of tests. Plain loops, no shared code."""

from collections.abc import Iterator, Sequence

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
    table: np.ndarray,
    lexicon: Spellings,
    model: kenlm.Model,
    lm_scale: float,
    internal_lm_scale: float,
    internal_lm: np.ndarray,
    word_score: float,
    labels_per_frame: int,
) -> tuple[str, float]:
    """Words and score of the best path; the score is -inf when there is none. :param table: [T, V, V], blank last"""
    blank, best = table.shape[1] - 1, ("", -np.inf)
    cache: dict[tuple[int, ...], tuple[str, float]] = {}
    for path in paths(len(table), blank, labels_per_frame):
        spelled = tuple(label for frame in path for label in frame)
        if spelled not in cache:
            found = ("", -np.inf)
            for words in readings(spelled, lexicon):
                language = lm_scale * model.score(" ".join(words), bos=True, eos=True) + word_score * len(words)
                found = max(found, (" ".join(words), language), key=lambda pair: pair[1])
            cache[spelled] = found
        words, score = cache[spelled]
        last = blank
        for frame, labels in zip(table, path, strict=True):
            for label in labels:
                score += frame[last, label] - internal_lm_scale * internal_lm[last, label]
                last = label
            score += frame[last, blank]
        best = max(best, (words, score), key=lambda pair: pair[1])
    return best
