"""How far utterances, trainings and devices each move a word error rate: components of variance of a nested design.

Trainings are drawn, devices are drawn within each training, and all of them recognise the same utterances. The
estimator is that of a nested analysis of variance: mean squares between devices and between trainings, less what the
levels below contribute. What a system makes of single utterances also moves its rate; that share is estimated from the
utterances themselves (the variance of a ratio estimate) and subtracted, because a bootstrap over utterances holds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Components:
    """Variances of a word error rate, in squared percent points."""

    utterances: float
    """Of the row's mean rate, over sets of utterances of this size."""
    trainings: float | None
    """Of a training; None with fewer than two."""
    devices: float | None
    """Of a device of one training; None where no training has two."""


def components(words: np.ndarray, errors: Sequence[np.ndarray]) -> Components:
    """Components of the rate of one row, or of the difference of two.

    :param words: reference words per utterance, [N]
    :param errors: of each training, errors per utterance and device, [N, D]; of a difference, signed
    """
    means = np.column_stack([of_training.mean(axis=1) for of_training in errors])  # [N, T]
    devices = _devices(words, errors)
    trainings = None
    if len(errors) > 1:
        below = np.mean([(devices or 0.0) / of_training.shape[1] for of_training in errors])
        trainings = max(0.0, _between(words, means) - below)
    return Components(
        utterances=float(_sampling(words, means.mean(axis=1, keepdims=True))[0]),
        trainings=trainings,
        devices=devices,
    )


def _devices(words: np.ndarray, errors: Sequence[np.ndarray]) -> float | None:
    """Pooled over trainings, by their degrees of freedom."""
    several = [of_training for of_training in errors if of_training.shape[1] > 1]
    if not several:
        return None
    freedom = [of_training.shape[1] - 1 for of_training in several]
    return max(0.0, float(np.average([_between(words, one) for one in several], weights=freedom)))


def _between(words: np.ndarray, errors: np.ndarray) -> float:
    """Variance of the rates of columns [N, K], less what single utterances contribute to it; may be below 0."""
    rates = 100 * errors.sum(axis=0) / words.sum()
    own = errors - errors.mean(axis=1, keepdims=True)
    return float(rates.var(ddof=1) - _sampling(words, own).sum() / (errors.shape[1] - 1))


def _sampling(words: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Variance of the rate of each column [N, K] over sets of utterances: delta method of a ratio, [K]."""
    total, number = words.sum(), len(words)
    residuals = errors - np.outer(words, errors.sum(axis=0) / total)
    return (100 / total) ** 2 * (residuals**2).sum(axis=0) * number / max(1, number - 1)
