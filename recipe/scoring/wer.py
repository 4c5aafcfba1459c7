"""Word error rates of a set of utterances, with bootstrap intervals over utterances."""

from collections.abc import Iterator, Sequence

import numpy as np

from recipe.errors import InputError
from recipe.files import read_json
from recipe.scoring.errors import UtteranceErrors

REPLICATES = 10_000
CHUNK = 1_000  # replicates at a time: bounds the memory to CHUNK x utterances
LEVEL_PERCENT = 95.0


def wer_percent(utterances: Sequence[UtteranceErrors]) -> float:
    words = sum(utterance.words for utterance in utterances)
    if words == 0:
        raise InputError("the reference holds no words, so there is no word error rate; give transcribed segments")
    return 100 * sum(utterance.errors for utterance in utterances) / words


def summary(utterances: Sequence[UtteranceErrors], seed: int = 0) -> dict:
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


def read_score(path: str) -> dict:
    """What `summary` gave, from its file. :raises InputError: when it is broken, or its rate and counts differ"""
    score = read_json(path)
    try:
        errors = score["insertions"] + score["deletions"] + score["substitutions"]
        whole = abs(score["wer_percent"] - 100 * errors / score["words"]) < 1e-6
        low, high = score["interval95_percent"]
        whole = whole and low <= high
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        whole = False
    if not whole:
        raise InputError(f"{path} is not a score, or its rate is not that of its counts; score again")
    return score


def interval(utterances: Sequence[UtteranceErrors], seed: int = 0) -> list[float]:
    """[low, high] of the WER in percent: percentiles over resampled utterances."""
    return percentiles(resampled([utterances], seed)[:, 0])


def compare(a: Sequence[UtteranceErrors], b: Sequence[UtteranceErrors], seed: int = 0) -> tuple[float, list[float]]:
    """WER of b minus WER of a in percent points, and its 95 % interval: every replicate draws the same utterances.

    :raises InputError: when the two were not scored on the same utterances and words.
    """
    a, b = (sorted(side, key=lambda utterance: utterance.name) for side in (a, b))
    if [(one.name, one.words) for one in a] != [(other.name, other.words) for other in b]:
        raise InputError("the two results were scored on different utterances; compare results on one corpus part")
    replicates = resampled([a, b], seed)
    return wer_percent(b) - wer_percent(a), percentiles(replicates[:, 1] - replicates[:, 0])


def resampled(systems: Sequence[Sequence[UtteranceErrors]], seed: int) -> np.ndarray:
    """WER in percent of each system on each resampled set of utterances, [replicates, systems]."""
    words = np.array([utterance.words for utterance in systems[0]])
    errors = np.array([[utterance.errors for utterance in system] for system in systems]).T
    return resampled_wers(words, errors, seed, REPLICATES)


def resampled_wers(words: np.ndarray, errors: np.ndarray, seed: int, replicates: int = REPLICATES) -> np.ndarray:
    """WER in percent of S systems on resampled sets of utterances, the same set for all systems: [R, S].

    :param words: reference words per utterance [N]
    :param errors: errors per utterance and system [N, S]
    """
    counts = np.column_stack([errors, words]).astype(float)
    sums = np.concatenate([drawn @ counts for drawn in draws(len(words), seed, replicates)])  # [R, S + 1]
    # A replicate may draw only utterances without words, in very small sets; it tells nothing.
    sums = sums[sums[:, -1] > 0]
    return 100 * sums[:, :-1] / sums[:, -1:]


def draws(utterances: int, seed: int, replicates: int) -> Iterator[np.ndarray]:
    """How often each utterance is drawn, [CHUNK, utterances] at a time; each row sums to the number of utterances."""
    generator = np.random.default_rng(seed)
    for start in range(0, replicates, CHUNK):
        size = min(CHUNK, replicates - start)
        yield generator.multinomial(utterances, np.full(utterances, 1 / utterances), size=size).astype(float)


def percentiles(values: np.ndarray) -> list[float]:
    outside = (100 - LEVEL_PERCENT) / 2
    return [float(value) for value in np.percentile(values, [outside, 100 - outside])]
