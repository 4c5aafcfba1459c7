"""Paired bootstrap over utterances: does one system make more errors than another?"""

from collections.abc import Sequence

import numpy as np

from recipe.report.results import Result
from recipe.scoring.wer import resampled_wers

REPLICATES = 4000


def difference(worse: Sequence[Result], better: Sequence[Result], seed: int) -> tuple[float, tuple[float, float]]:
    """WER of `worse` minus WER of `better` in percent points, with its 95 % interval.

    Each side is one system or the devices of one row, whose mean counts; several devices are resampled along with the
    utterances, so that the interval speaks about devices in general and not about those that were drawn.
    """
    sides = [*worse, *better]
    resampled = resampled_wers(sides[0].words, np.column_stack([side.errors for side in sides]), seed, REPLICATES)
    generator = np.random.default_rng([seed, 1])
    left = _mean_over_devices(resampled[:, : len(worse)], generator)
    right = _mean_over_devices(resampled[:, len(worse) :], generator)
    measured = np.mean([r.wer_percent for r in worse]) - np.mean([r.wer_percent for r in better])
    low, high = np.percentile(left - right, [2.5, 97.5])
    return float(measured), (float(low), float(high))


def _mean_over_devices(wers: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """[R, D] -> [R]: every replicate draws D devices with replacement."""
    replicates, devices = wers.shape
    drawn = generator.multinomial(devices, np.full(devices, 1 / devices), size=replicates)
    return (wers * drawn).sum(axis=1) / devices
