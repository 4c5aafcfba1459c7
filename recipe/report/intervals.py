"""Intervals of the rows of a report, and whether one row is worse than another."""

from collections.abc import Sequence
from enum import Enum

import numpy as np

from recipe.report.results import Result, Results, by_training
from recipe.report.search_errors import row_errors
from recipe.report.training_spread import UNKNOWN, TrainingSpread
from recipe.scoring.bootstrap import Bootstrap, Interval, percentiles

REPLICATES = 4000


class AtWiderSearch(Enum):
    """What becomes of a separated difference with a wider search; the value is added to its verdict."""

    HOLDS = ""
    UNKNOWN = ", width unchecked"
    """Nothing was searched a second time."""
    LOST = " at this width alone"
    TOO_SMALL = ", sample too small at the wider width"
    """The sample leaves it open."""


def trainings_of(row: Sequence[Result]) -> list[int]:
    """The seeds of the trainings in a row, ascending."""
    return sorted({one.training_seed for one in row})


class Intervals:
    """The bootstrap over all systems of each part; a row is the trainings of one table row, each with its devices.

    Several trainings are resampled. A row with one is widened by the spread that is known of such rows; where none is
    known, an interval holds for this training alone (`holds_trainings`).
    """

    def __init__(self, results: Results, seed: int, spread: TrainingSpread = UNKNOWN):
        """:param spread: of trainings, as another graph measured it"""
        self.seed = seed
        self.spread = spread
        self._results = results
        self._parts: dict[str, tuple[Bootstrap, list[Result]]] = {}

    def of(self, row: Sequence[Result]) -> Interval:
        """95 % interval of the mean WER of a row, in percent."""
        bootstrap, _ = self._of_part(row[0].part)
        return percentiles(bootstrap.row(self._columns(row), spread_percent=self.spread.of(row[0]) or 0.0))

    def difference(self, worse: Sequence[Result], better: Sequence[Result]) -> tuple[float, Interval]:
        """WER of `worse` minus WER of `better` in percent points, with its 95 % interval.

        The same trainings on both sides are resampled together, the same devices as pairs.
        """
        measured = np.mean([one.wer_percent for one in worse]) - np.mean([one.wer_percent for one in better])
        return float(measured), percentiles(self._gaps(worse, better))

    def _gaps(self, worse: Sequence[Result], better: Sequence[Result]) -> np.ndarray:
        """The resampled differences, [R]."""
        bootstrap, _ = self._of_part(worse[0].part)
        left, right = self._columns(worse), self._columns(better)
        if trainings_of(worse) == trainings_of(better):
            paired = [one.system for one in worse] == [one.system for one in better]
            spread = self.spread.of_difference(worse[0], better[0]) or 0.0
            return bootstrap.gap(left, right, paired=paired, spread_percent=spread)
        spreads = [self.spread.of(side[0]) or 0.0 for side in (worse, better)]
        return bootstrap.row(left, 0, spreads[0]) - bootstrap.row(right, 1, spreads[1])

    def at_wider_search(self, worse: Sequence[Result], better: Sequence[Result], positive: bool) -> "AtWiderSearch":
        """Whether a separated difference is separated with the wider search as well, as far as its sample tells.

        The difference is moved by what the wider search changes on the samples of both sides, and widened by the
        standard error of that change.

        :param positive: the side of 0 on which the interval lies
        """
        changes = [row_errors(self._results.samples(side)) for side in (worse, better)]
        left, right = changes
        if left is None or right is None:
            return AtWiderSearch.UNKNOWN
        moved, std = left.change_percent - right.change_percent, float(np.hypot(left.std_percent, right.std_percent))
        gaps = self._gaps(worse, better)
        generator = np.random.default_rng([self.seed, len(gaps)])
        low, high = percentiles(gaps + moved + std * generator.standard_normal(len(gaps)))
        if low > 0 if positive else high < 0:
            return AtWiderSearch.HOLDS
        low, high = percentiles(gaps + moved)
        return AtWiderSearch.TOO_SMALL if (low > 0 if positive else high < 0) else AtWiderSearch.LOST

    def holds_trainings(self, worse: Sequence[Result], better: Sequence[Result] = ()) -> bool:
        """Whether the interval of a row, or of a difference, holds how far trainings differ."""
        if not better:
            return len(trainings_of(worse)) > 1 or self.spread.of(worse[0]) is not None
        if trainings_of(worse) == trainings_of(better):
            return len(trainings_of(worse)) > 1 or self.spread.of_difference(worse[0], better[0]) is not None
        return self.holds_trainings(worse) and self.holds_trainings(better)

    def _columns(self, row: Sequence[Result]) -> list[list[int]]:
        """The columns of each training of a row."""
        _, columns = self._of_part(row[0].part)
        return [[columns.index(one) for one in of_training] for of_training in by_training(row)]

    def _of_part(self, part: str) -> tuple[Bootstrap, list[Result]]:
        """All systems of a part are resampled once, when the part is first asked about; with the order of columns."""
        if part not in self._parts:
            systems = [result for result in self._results.results if result.part == part]
            errors = np.column_stack([system.errors for system in systems])
            self._parts[part] = Bootstrap(systems[0].words, errors, self.seed, REPLICATES), systems
        return self._parts[part]
