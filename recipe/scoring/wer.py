"""Word error rates of a set of utterances, with bootstrap intervals over utterances."""

from collections.abc import Iterator, Sequence

import numpy as np

from recipe.errors import InputError
from recipe.formats.score import Score
from recipe.formats.utterances import UtteranceErrors

REPLICATES = 10_000
CHUNK = 1_000  # replicates at a time: bounds the memory to CHUNK x utterances
LEVEL_PERCENT = 95.0


def wer_percent(utterances: Sequence[UtteranceErrors]) -> float:
    """Errors of all utterances against all their reference words. :raises InputError: without any word"""
    words = sum(utterance.words for utterance in utterances)
    if words == 0:
        raise InputError("the reference holds no words, so there is no word error rate; give transcribed segments")
    return 100 * sum(utterance.errors for utterance in utterances) / words


def summary(utterances: Sequence[UtteranceErrors], seed: int = 0) -> Score:
    """Counts, WER and its 95 % interval, as score.json holds them."""
    return {
        "utterances": len(utterances),
        "words": sum(utterance.words for utterance in utterances),
        "insertions": sum(utterance.insertions for utterance in utterances),
        "deletions": sum(utterance.deletions for utterance in utterances),
        "substitutions": sum(utterance.substitutions for utterance in utterances),
        "wer_percent": wer_percent(utterances),
        "interval95_percent": interval(utterances, seed),
    }


def interval(utterances: Sequence[UtteranceErrors], seed: int = 0) -> list[float]:
    """[low, high] of the WER in percent: percentiles over resampled utterances."""
    words = np.array([utterance.words for utterance in utterances])
    errors = np.array([[utterance.errors] for utterance in utterances])
    return percentiles(resampled_wers(words, errors, seed, REPLICATES)[:, 0])


def resampled_wers(words: np.ndarray, errors: np.ndarray, seed: int, replicates: int = REPLICATES) -> np.ndarray:
    """WER in percent of S systems on resampled sets of utterances, the same set for all systems: [R, S].

    :param words: reference words per utterance [N]
    :param errors: errors per utterance and system [N, S]
    """
    counts = np.column_stack([errors, words]).astype(float)
    sums = np.concatenate([drawn @ counts for drawn in draws(len(words), seed, replicates)])  # [R, S + 1]
    # A replicate may draw only utterances without words, in very small sets; it has no rate.
    sums = sums[sums[:, -1] > 0]
    return 100 * sums[:, :-1] / sums[:, -1:]


def draws(utterances: int, seed: int, replicates: int) -> Iterator[np.ndarray]:
    """How often each utterance is drawn, [CHUNK, utterances] at a time; each row sums to the number of utterances."""
    generator = np.random.default_rng(seed)
    for start in range(0, replicates, CHUNK):
        size = min(CHUNK, replicates - start)
        yield generator.multinomial(utterances, np.full(utterances, 1 / utterances), size=size).astype(float)


def percentiles(values: np.ndarray) -> list[float]:
    """[low, high] around the middle LEVEL_PERCENT of the values."""
    outside = (100 - LEVEL_PERCENT) / 2
    return [float(value) for value in np.percentile(values, [outside, 100 - outside])]
