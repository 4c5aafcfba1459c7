"""Word error rate of a set of utterances, with its bootstrap interval over utterances; the file that holds both."""

from collections.abc import Sequence

import numpy as np

from recipe.errors import InputError
from recipe.formats.score import Score
from recipe.formats.utterances import UtteranceErrors
from recipe.scoring.bootstrap import Bootstrap

REPLICATES = 10_000


def wer_percent(utterances: Sequence[UtteranceErrors]) -> float:
    """Errors over reference words, in percent.

    :raises InputError: when no utterance has words
    """
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
    """[low, high] of the WER in percent: 95 % interval over resampled utterances."""
    words, errors = (np.array([getattr(one, name) for one in utterances]) for name in ("words", "errors"))
    return list(Bootstrap(words, errors[:, None], seed, REPLICATES).interval([0]))
