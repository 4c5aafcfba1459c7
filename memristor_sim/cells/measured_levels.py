"""Ohmic cells whose levels were measured: mean and spread of the conductance after writing, as a table."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memristor_sim.cells.cell import Cell
from memristor_sim.components import Cycles, Writing, require
from memristor_sim.errors import MemristorError

if TYPE_CHECKING:
    import os

    import numpy as np

COLUMNS = ("level", "mean_us", "std_us")
SPREADS = ("lognormal", "normal")
EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "levels.csv"
"""Two levels with invented numbers, which show the format."""


@dataclass(frozen=True, kw_only=True)
class MeasuredLevels(Cell):
    """Cells that are independent draws from the law of their level; the current is I = G U.

    The state is the conductance as a share of the top level's mean. The spread is that of cells after writing, with
    verification if there was one; the table does not separate devices from cycles.
    """

    has_history = False

    mean_us: tuple[float, ...]
    """Mean conductance of each level, ascending [µS]."""
    std_us: tuple[float, ...]
    """Standard deviation of the conductance of each level [µS]."""
    spread: str = "lognormal"
    """Law of the conductance: `lognormal` or `normal`, both with the given mean and standard deviation."""

    def __post_init__(self) -> None:
        for name in ("mean_us", "std_us"):
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))
        _check(self.mean_us, self.std_us, self.spread, lambda level: f"MeasuredLevels, level {level}")

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], spread: str = "lognormal") -> MeasuredLevels:
        """The table in a CSV file with the columns level, mean_us, std_us; lines that start with # are comments.

        :param spread: see the field.
        :raises MemristorError: the file is not such a table; the message names file and line.
        """
        rows, lines = _read(Path(path))
        means, stds = (tuple(row[index] for row in rows) for index in (1, 2))
        _check(means, stds, spread, lambda level: f"{path}, line {lines[level]}")
        return cls(mean_us=means, std_us=stds, spread=spread)

    def __str__(self) -> str:
        return f"{len(self.mean_us)} measured levels of {self.mean_us[0]:g} to {self.mean_us[-1]:g} µS, {self.spread}"

    def extreme_currents(self, voltage_v: Any) -> tuple[Any, Any]:
        """No current in state 0, and that of the top level's mean conductance in state 1; see Cell."""
        return 0.0 * voltage_v, 1e-6 * self.mean_us[-1] * voltage_v

    def value_per_ampere(self, full_scale_v: float) -> float:
        """1 over the difference of the mean currents of the top and the bottom level at full drive; see Cell."""
        return 1e6 / ((self.mean_us[-1] - self.mean_us[0]) * full_scale_v)

    def level_states(self, levels: int) -> tuple[float, ...]:
        """See Cell."""
        return tuple(mean / self.mean_us[-1] for mean in self.mean_us)

    def check_writing(self, writing: Writing) -> None:
        """See Cell; the table has all levels, and holds the states after writing whatever came before."""
        require(
            writing.levels == len(self.mean_us),
            f"Hardware.levels is {writing.levels}, but the table of MeasuredLevels has {len(self.mean_us)}: give as "
            "many levels as the table has.",
        )
        require(
            writing.conditioning == Cycles() and not writing.play_pulses,
            "MeasuredLevels has no history: give Hardware.conditioning=Cycles() and leave out play_pulses.",
        )
        require(
            writing.verify is None,
            "MeasuredLevels cannot be verified: give the spread after verification in the table and leave out "
            "Hardware.verify.",
        )

    def written_states(self, levels: np.ndarray, writing: Writing, stream: np.random.SFC64) -> np.ndarray:
        """See Cell; a normal conductance below 0 becomes 0."""
        import numpy as np

        means, stds = (np.array(one, np.float32)[levels] for one in (self.mean_us, self.std_us))
        normal = np.random.Generator(stream).standard_normal(levels.shape, np.float32)
        if self.spread == "normal":
            conductance = np.maximum(means + stds * normal, 0)
        else:
            variance = np.log1p((stds / means) ** 2)
            conductance = means * np.exp(np.sqrt(variance) * normal - variance / 2)
        return (conductance / np.float32(self.mean_us[-1])).astype(np.float16)


def _read(path: Path) -> tuple[list[tuple[float, ...]], list[int]]:
    """Rows as numbers, and the line of each.

    :raises MemristorError: the file cannot be read, a column is missing, or levels are not 0, 1, 2 ...
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            table = [(reader.line_num, row) for row in reader if "".join(row).strip() and row[0][:1] != "#"]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MemristorError(f"{path} cannot be read ({error}): give a CSV file with {','.join(COLUMNS)}.") from error
    (line, header), *body = table or [(1, [])]
    columns = [column.strip() for column in header]
    missing = [column for column in COLUMNS if column not in columns]
    require(not missing, f"{path}, line {line}: column {''.join(missing[:1])!r} is missing; give {','.join(COLUMNS)}.")
    rows = []
    for level, (line, cells) in enumerate(body):
        rows.append(_numbers(dict(zip(columns, cells, strict=False)), f"{path}, line {line}"))
        found = rows[level][0]
        require(found == level, f"{path}, line {line}: level is {found:g}; number them 0, 1, 2 ..., so {level} here.")
    require(len(rows) > 1, f"{path}, line {line}: the table ends here; give at least two levels.")
    return rows, [line for line, _ in body]


def _numbers(row: dict[str, str], where: str) -> tuple[float, ...]:
    try:
        return tuple(float(row[column]) for column in COLUMNS)
    except (ValueError, KeyError):
        raise MemristorError(f"{where}: {','.join(row.values())!r} lacks a number; give one per column.") from None


def _check(means: tuple[float, ...], stds: tuple[float, ...], spread: str, where: Callable[[int], str]) -> None:
    """:raises MemristorError: this is no table of levels; `where` names the place of a level."""
    require(spread in SPREADS, f"The spread of MeasuredLevels is {spread!r}: give one of {', '.join(SPREADS)}.")
    require(
        len(means) == len(stds) >= 2,
        f"MeasuredLevels has {len(means)} means and {len(stds)} deviations: give one each for at least two levels.",
    )
    for level, (mean, std) in enumerate(zip(means, stds, strict=True)):
        for name, value in (("mean_us", mean), ("std_us", std)):
            require(0 < value < math.inf, f"{where(level)}: {name} is {value:g}; give a number above 0.")
        require(
            level == 0 or mean > means[level - 1],
            f"{where(level)}: mean_us is {mean:g} after {means[level - 1]:g}; sort levels by rising conductance.",
        )
        require(
            spread != "normal" or mean >= 3 * std,
            f"{where(level)}: a normal law of {mean:g} ± {std:g} µS would draw negative conductances; give "
            "spread='lognormal'.",
        )
