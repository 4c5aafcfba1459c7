"""Word errors over a grid of LM and prior scales, and the best point of it with what was recognised there."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

from recipe.decoding.config import SearchConfig
from recipe.decoding.recognise import Inputs, recognise
from recipe.errors import InputError
from recipe.files import open_text
from recipe.formats.hypotheses import Hypothesis
from recipe.scoring.alignment import count_errors


@dataclass(frozen=True)
class GridPoint:
    """Word errors at one pair of scales."""

    lm_scale: float
    prior_scale: float
    errors: int
    words: int
    """Of the reference."""

    @property
    def wer_percent(self) -> float:
        """Word error rate."""
        return 100 * self.errors / self.words


class Tuning:
    """Decodes at one pair of scales after another."""

    def __init__(self, inputs: Inputs, config: SearchConfig):
        """:raises InputError: when the segments hold no words."""
        self._inputs, self._config = inputs, config
        self._words = sum(len(segment.words.split()) for segment in inputs.segments)
        if self._words == 0:
            raise InputError("the segments to tune on hold no words; give a part with transcripts")
        self.points: list[GridPoint] = []
        """Of all pairs so far."""
        self.hypotheses: dict[str, Hypothesis] = {}
        """What was recognised at the `best` of them."""

    def __call__(self, lm_scale: float, prior_scale: float) -> GridPoint:
        """Decode all segments at this pair, and count the errors."""
        found = recognise(self._inputs, self._config, lm_scale, prior_scale)
        errors = sum(count_errors(segment.words, found[segment.name].words) for segment in self._inputs.segments)
        point = GridPoint(float(lm_scale), float(prior_scale), errors, self._words)
        print(f"LM scale {lm_scale}, prior scale {prior_scale}: {point.wer_percent:.2f} % WER", flush=True)
        self.points.append(point)
        if best(self.points) == point:
            self.hypotheses = found
        return point


def descend(
    evaluate: Callable[[float, float], GridPoint],
    lm_scales: Sequence[float],
    prior_scales: Sequence[float],
    start: tuple[float, float],
) -> list[GridPoint]:
    """Walk the grid downhill until none of the four neighbours is better; returns the points visited.

    If the errors over the two scales form one valley, `best` of these is `best` of the whole grid.

    :param start: LM and prior scale; the walk begins at the grid point nearest to them
    """
    lm_scales, prior_scales = sorted(set(lm_scales)), sorted(set(prior_scales))
    here = nearest(lm_scales, start[0]), nearest(prior_scales, start[1])
    visited: dict[tuple[int, int], GridPoint] = {}
    while True:
        i, j = here
        for near in (here, (i, j + 1), (i, j - 1), (i + 1, j), (i - 1, j)):
            if near not in visited and 0 <= near[0] < len(lm_scales) and 0 <= near[1] < len(prior_scales):
                visited[near] = evaluate(lm_scales[near[0]], prior_scales[near[1]])
        lowest = best(list(visited.values()))
        if visited[here] == lowest:
            return list(visited.values())
        here = next(place for place, point in visited.items() if point == lowest)


def nearest(scales: Sequence[float], wanted: float) -> int:
    """Index of the closest of the scales."""
    return min(range(len(scales)), key=lambda index: abs(scales[index] - wanted))


def best(points: Sequence[GridPoint]) -> GridPoint:
    """Fewest errors; ties go to the smaller LM scale, then to the smaller prior scale."""
    return min(points, key=lambda point: (point.errors, point.lm_scale, point.prior_scale))


def write_points(path: str, points: Sequence[GridPoint]) -> None:
    """grid.csv: a line per point."""
    with open_text(path, "wt") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(field.name for field in fields(GridPoint)), "wer_percent"])
        writer.writerows([*asdict(point).values(), f"{point.wer_percent:.3f}"] for point in points)


def read_points(path: str) -> list[GridPoint]:
    """The points of a grid.csv, in file order."""
    with open_text(path) as file:
        return [
            GridPoint(float(row["lm_scale"]), float(row["prior_scale"]), int(row["errors"]), int(row["words"]))
            for row in csv.DictReader(file)
        ]
