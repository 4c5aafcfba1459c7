"""How far trainings of one row differ: the spread that rows with a single training are widened by.

It is known from a graph with several trainings of each row (config/training_seeds.py): the file is a copy of that
graph's output/tables/variance.csv, kept in docs/results.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recipe.errors import InputError
from recipe.files import open_text
from recipe.report.results import Result

COLUMNS = ("row", "group", "part", "trainings_std_percent")


def row_name(result: Result) -> str:
    """What the spread of a row is listed under: `QAT 3`, `memristor 3 physical fixed`."""
    return _name(result, result.bits)


def row_group(result: Result) -> str:
    """Rows that differ in bits alone: `memristor physical fixed`."""
    return _name(result, "")


def _name(result: Result, bits: str) -> str:
    scale_mode = result.scale_mode if result.preset or result.scale_mode != "tuned" else ""
    return " ".join(filter(None, (result.kind, bits, result.preset, scale_mode)))


def difference_name(worse: Result, better: Result) -> str:
    """Of the difference of two rows."""
    return f"{row_name(worse)} - {row_name(better)}"


def difference_group(worse: Result, better: Result) -> str:
    """Of differences of such rows."""
    return f"{row_group(worse)} - {row_group(better)}"


def _of_any_hardware(group: str) -> str:
    """The group without presets: `memristor fixed - QAT fixed` of `memristor physical fixed - QAT fixed`."""
    sides = (side.split() for side in group.split(" - "))
    return " - ".join(" ".join([words[0], words[-1]] if words[0] == "memristor" else words) for words in sides)


@dataclass(frozen=True)
class TrainingSpread:
    """Standard deviations over trainings in percent points; without entries nothing is known."""

    rows: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """By row, or difference of two, and part."""
    groups: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Root of the mean square over the rows of a group, by group and part."""

    @classmethod
    def read(cls, path: str) -> "TrainingSpread":
        """The spread of a variance.csv. :raises InputError: when it is none"""
        with open_text(path) as file:
            rows = list(csv.DictReader(file))
        try:
            entries = [(r["row"], r["group"], r["part"], float(r["trainings_std_percent"])) for r in rows]
        except (KeyError, TypeError, ValueError):
            entries = []
        if not entries or not all(math.isfinite(entry[-1]) and entry[-1] >= 0 for entry in entries):
            raise InputError(
                f"{path} is no table of training spreads (columns {', '.join(COLUMNS)}); "
                "copy output/tables/variance.csv of config/training_seeds.py"
            )
        return cls.of_entries(entries)

    @classmethod
    def of_entries(cls, entries: Iterable[tuple[str, str, str, float]]) -> "TrainingSpread":
        """:param entries: row, group, part, standard deviation"""
        rows, squares = {}, defaultdict(list)
        for row, group, part, std in entries:
            rows[row, part] = std
            squares[group, part].append(std**2)
        return cls(rows, {key: math.sqrt(sum(of) / len(of)) for key, of in squares.items()})

    def of(self, row: Result) -> float | None:
        """Of a row; None where it is not known."""
        return self._larger(row_name(row), row_group(row), row.part)

    def of_difference(self, worse: Result, better: Result) -> float | None:
        """Of the difference of two rows; of two trainings that are not known together, from both; else None."""
        known = self._larger(difference_name(worse, better), difference_group(worse, better), worse.part)
        if known is not None or worse.system.trained == better.system.trained:
            return known
        left, right = self.of(worse), self.of(better)
        return None if left is None or right is None else math.hypot(left, right)

    def _larger(self, row: str, group: str, part: str) -> float | None:
        """Three trainings give a rough spread: the row's own counts where it is above that of its group.

        Hardware that was not measured takes the largest of groups that differ in the hardware alone.
        """
        found = [known[key, part] for known, key in ((self.rows, row), (self.groups, group)) if (key, part) in known]
        alike = _of_any_hardware(group), part
        found = found or [std for (name, of), std in self.groups.items() if (_of_any_hardware(name), of) == alike]
        return max(found, default=None)


UNKNOWN = TrainingSpread()
