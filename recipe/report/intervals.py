"""Intervals of the rows of a report, and whether one row is worse than another."""

from collections.abc import Sequence

import numpy as np

from recipe.report.results import Result, Results
from recipe.scoring.bootstrap import Bootstrap, Interval

REPLICATES = 4000


class Intervals:
    """The bootstrap over all systems of each part; a row is one system or the devices of one table row."""

    def __init__(self, results: Results, seed: int):
        self.seed = seed
        self._results = results
        self._parts: dict[str, tuple[Bootstrap, list[Result]]] = {}

    def of(self, row: Sequence[Result]) -> Interval:
        """95 % interval of the mean WER of a row, in percent."""
        bootstrap, columns = self._of_part(row[0].part)
        return bootstrap.interval([columns.index(one) for one in row])

    def difference(self, worse: Sequence[Result], better: Sequence[Result]) -> tuple[float, Interval]:
        """WER of `worse` minus WER of `better` in percent points, with its 95 % interval.

        The same devices on both sides are resampled as pairs.
        """
        bootstrap, columns = self._of_part(worse[0].part)
        sides = ([columns.index(one) for one in side] for side in (worse, better))
        paired = [one.system for one in worse] == [one.system for one in better]
        measured = np.mean([one.wer_percent for one in worse]) - np.mean([one.wer_percent for one in better])
        return float(measured), bootstrap.difference(*sides, paired=paired)

    def _of_part(self, part: str) -> tuple[Bootstrap, list[Result]]:
        """All systems of a part are resampled once, when the part is first asked about; with the order of columns."""
        if part not in self._parts:
            systems = [result for result in self._results.results if result.part == part]
            errors = np.column_stack([system.errors for system in systems])
            self._parts[part] = Bootstrap(systems[0].words, errors, self.seed, REPLICATES), systems
        return self._parts[part]
