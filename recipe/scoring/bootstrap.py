"""Bootstrap over utterances and devices: intervals of word error rates and of their differences.

Percentile intervals of Efron's bootstrap; comparing systems on the same resampled utterances is the paired form that
Bisani and Ney (ICASSP 2004) recommend for speech recognition.
"""

from collections.abc import Iterator, Sequence

import numpy as np

CHUNK = 1_000
"""Replicates at a time: bounds the memory to CHUNK x utterances."""
LEVEL_PERCENT = 95.0
TRAININGS = 1_000_000
"""Sets the draws of trainings apart from those of devices."""

Interval = tuple[float, float]


class Bootstrap:
    """Word error rates of S systems on the same R resampled sets of utterances.

    A row is the columns of one system or of several devices, whose mean counts. Several devices are resampled along
    with the utterances, so that an interval holds for devices in general and not only for those that were drawn.
    """

    def __init__(self, words: np.ndarray, errors: np.ndarray, seed: int, replicates: int):
        """
        :param words: reference words per utterance, [N]
        :param errors: errors per utterance and system, [N, S]
        :param seed: of the draws of utterances and devices
        """
        self._seed = seed
        self._replicates = replicates
        self._wers = resampled_wers(words, errors, seed, replicates)

    def interval(self, row: Sequence[int]) -> Interval:
        """95 % interval of the mean WER of a row, in percent."""
        return percentiles(self._means(row, 0))

    def difference(self, worse: Sequence[int], better: Sequence[int], *, paired: bool = False) -> Interval:
        """95 % interval of the WER of `worse` minus that of `better`, in percent points.

        :param paired: both rows hold the same devices in the same order; they are resampled as pairs
        """
        return percentiles(self._means(worse, 0) - self._means(better, 0 if paired else 1))

    def row(self, trainings: Sequence[Sequence[int]], side: int = 0, spread_percent: float = 0.0) -> np.ndarray:
        """Resampled mean WER of a row in percent, [R]: trainings, devices within them, utterances.

        :param trainings: the columns of each training
        :param side: of a comparison; sides draw their own devices and trainings
        :param spread_percent: standard deviation over trainings, added where the row has only one
        """
        means = [self._means(columns, side, number) for number, columns in enumerate(trainings)]
        return self._over_trainings(means, side, spread_percent)

    def gap(
        self,
        worse: Sequence[Sequence[int]],
        better: Sequence[Sequence[int]],
        *,
        paired: bool = False,
        spread_percent: float = 0.0,
    ) -> np.ndarray:
        """Resampled difference of two rows of the same trainings in the same order, in percent points, [R].

        :param paired: both rows hold the same devices in the same order as well
        :param spread_percent: standard deviation of the difference over trainings, added where there is only one
        """
        gaps = [
            self._means(left, 0, number) - self._means(right, 0 if paired else 1, number)
            for number, (left, right) in enumerate(zip(worse, better, strict=True))
        ]
        return self._over_trainings(gaps, 0, spread_percent)

    def _over_trainings(self, means: Sequence[np.ndarray], side: int, spread_percent: float) -> np.ndarray:
        """Mean over the drawn trainings, [R]; of a single training, with its spread added as normal noise.

        Of T trainings the deviations are stretched by sqrt(T / (T - 1)): resampling few of them alone would show too
        little of their variance.
        """
        generator = np.random.default_rng([self._seed, 1 + side, TRAININGS])
        count, of_training = len(means), np.column_stack(means)
        if count == 1:
            return of_training[:, 0] + spread_percent * generator.standard_normal(len(of_training))
        drawn = generator.multinomial(count, np.full(count, 1 / count), size=self._replicates)[: len(of_training)]
        mean = of_training.mean(axis=1)
        return mean + np.sqrt(count / (count - 1)) * ((of_training * drawn).sum(axis=1) / count - mean)

    def _means(self, row: Sequence[int], side: int, training: int = 0) -> np.ndarray:
        """[R]: mean over the drawn devices. Sides of a comparison that are not paired draw their own."""
        wers = np.column_stack([self._wers[:, column] for column in row])
        generator = np.random.default_rng([self._seed, 1 + side, training] if training else [self._seed, 1 + side])
        drawn = generator.multinomial(len(row), np.full(len(row), 1 / len(row)), size=self._replicates)
        return (wers * drawn[: len(wers)]).sum(axis=1) / len(row)


def resampled_wers(words: np.ndarray, errors: np.ndarray, seed: int, replicates: int) -> np.ndarray:
    """WER in percent of S systems on resampled sets of utterances, the same set for all systems: [R, S].

    :param words: reference words per utterance, [N]
    :param errors: errors per utterance and system, [N, S]
    """
    counts = np.column_stack([errors, words]).astype(float)
    sums = np.concatenate([drawn @ counts for drawn in _draws(len(words), seed, replicates)])  # [R, S + 1]
    # In very small sets a replicate may draw only utterances without words; it has no rate.
    sums = sums[sums[:, -1] > 0]
    return 100 * sums[:, :-1] / sums[:, -1:]


def _draws(utterances: int, seed: int, replicates: int) -> Iterator[np.ndarray]:
    """How often each utterance is drawn, [CHUNK, utterances] at a time; each row sums to the number of utterances."""
    generator = np.random.default_rng(seed)
    for start in range(0, replicates, CHUNK):
        size = min(CHUNK, replicates - start)
        yield generator.multinomial(utterances, np.full(utterances, 1 / utterances), size=size).astype(float)


def percentiles(values: np.ndarray) -> Interval:
    """The limits that leave out equally many values on both sides."""
    outside = (100 - LEVEL_PERCENT) / 2
    low, high = np.percentile(values, [outside, 100 - outside])
    return float(low), float(high)
