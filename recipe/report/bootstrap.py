"""Bootstrap over utterances and devices: how sure a mean is, and whether one system is worse than another."""

from collections.abc import Sequence

import numpy as np

from recipe.report.results import Result, Results
from recipe.scoring.wer import percentiles, resampled_wers

REPLICATES = 4000

Interval = tuple[float, float]


class Bootstrap:
    """Word error rates of all systems on the same resampled utterances; each side of a comparison is one system or the
    devices of one row, whose mean counts.

    Several devices are resampled along with the utterances, so that an interval speaks about devices in general and
    not about those that were drawn.
    """

    def __init__(self, results: Results, seed: int):
        self.seed = seed
        self._results = results
        self._wers: dict[str, dict[Result, np.ndarray]] = {}

    def interval(self, row: Sequence[Result]) -> Interval:
        """95 % interval of the mean WER of a row in percent."""
        return _interval(_mean(self._replicates(row), self._draws(len(row), 0)))

    def difference(self, worse: Sequence[Result], better: Sequence[Result]) -> tuple[float, Interval]:
        """WER of `worse` minus WER of `better` in percent points, with its 95 % interval.

        The same devices on both sides are resampled as pairs.
        """
        paired = [one.system for one in worse] == [one.system for one in better]
        left = _mean(self._replicates(worse), self._draws(len(worse), 0))
        right = _mean(self._replicates(better), self._draws(len(better), 0 if paired else 1))
        measured = np.mean([r.wer_percent for r in worse]) - np.mean([r.wer_percent for r in better])
        return float(measured), _interval(left - right)

    def _replicates(self, row: Sequence[Result]) -> np.ndarray:
        """[R, D]: all systems of a part are resampled once, at the first question about it."""
        part = row[0].part
        if part not in self._wers:
            systems = [result for result in self._results.results if result.part == part]
            errors = np.column_stack([system.errors for system in systems])
            wers = resampled_wers(systems[0].words, errors, self.seed, REPLICATES)
            self._wers[part] = dict(zip(systems, wers.T, strict=True))
        return np.column_stack([self._wers[part][result] for result in row])

    def _draws(self, devices: int, side: int) -> np.ndarray:
        """How often each of D devices is drawn, [REPLICATES, D]."""
        generator = np.random.default_rng([self.seed, 1 + side])
        return generator.multinomial(devices, np.full(devices, 1 / devices), size=REPLICATES)


def _mean(wers: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """[R, D] -> [R]: mean over the drawn devices."""
    return (wers * drawn[: len(wers)]).sum(axis=1) / wers.shape[1]


def _interval(values: np.ndarray) -> Interval:
    low, high = percentiles(values)
    return low, high
