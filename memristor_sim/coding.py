"""How the magnitude of a weight becomes digits of cells, as values; imports no torch or NumPy.

A digit plane is an array whose outputs enter the digital sum with one place value.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memristor_sim.components import require

if TYPE_CHECKING:
    import numpy as np


MOST_PLANES = 256
"""Of one weight: more is a mistake, such as 16 bits in unary."""


@dataclass(frozen=True, kw_only=True)
class Coding(ABC):
    """Digits of a weight, each held by a pair of cells of one plane."""

    copies: int = 1
    """Pairs of cells for each digit, on arrays of their own, whose outputs are averaged digitally: the spread of cells
    falls with its root."""

    def __post_init__(self) -> None:
        require(
            isinstance(self.copies, int) and 1 <= self.copies <= 64,
            f"{type(self).__name__}.copies is {self.copies}: give 1 to 64.",
        )

    @abstractmethod
    def num_digits(self, weight_bits: int, levels: int) -> int:
        """Digits of one weight.

        :param weight_bits: width with its sign; magnitudes reach 2**(weight_bits-1) - 1.
        :param levels: conductance levels of a cell; a digit is at most levels - 1.
        """

    @abstractmethod
    def place_values(self, num_digits: int, levels: int) -> list[int]:
        """What one step of each digit is worth."""

    @abstractmethod
    def digit(self, magnitude: np.ndarray, index: int, num_digits: int, levels: int) -> np.ndarray:
        """One digit of non-negative integers of any shape, uint8."""

    def num_planes(self, weight_bits: int, levels: int) -> int:
        """Digit planes of one weight, copies included.

        :raises MemristorError: there are too many.
        """
        planes = self.copies * self.num_digits(weight_bits, levels)
        require(
            planes <= MOST_PLANES,
            f"{type(self).__name__}(copies={self.copies}) takes {planes} planes for weights of {weight_bits} bits, "
            f"more than {MOST_PLANES}: give fewer bits or copies.",
        )
        return planes

    def plane_weights(self, planes: int, levels: int) -> list[float]:
        """Factor of each plane in the digital sum; the planes of the first copy come first."""
        values = self.place_values(planes // self.copies, levels)
        return [value if self.copies == 1 else value / self.copies for value in values] * self.copies

    def __str__(self) -> str:
        name = type(self).__name__.lower()
        return name if self.copies == 1 else f"{name}*{self.copies}"


@dataclass(frozen=True, kw_only=True)
class Positional(Coding):
    """Place values 1, L, L^2, ... for cells of L levels, as published: fewest planes, and the top one decides."""

    def num_digits(self, weight_bits: int, levels: int) -> int:
        """Each holds log2(levels) bits of the magnitude."""
        return math.ceil((weight_bits - 1) / (levels.bit_length() - 1))

    def place_values(self, num_digits: int, levels: int) -> list[int]:
        """Most significant first."""
        return [levels**place for place in reversed(range(num_digits))]

    def digit(self, magnitude: np.ndarray, index: int, num_digits: int, levels: int) -> np.ndarray:
        """See Coding."""
        shift = (levels.bit_length() - 1) * (num_digits - 1 - index)
        return (magnitude >> shift & (levels - 1)).astype("uint8")


@dataclass(frozen=True, kw_only=True)
class Unary(Coding):
    """Planes of one place value, filled one after the other: 3 instead of 2 for 3 bit, 7 instead of 3 for 4 bit.

    Errors of cells add up by their number and not by the squares of place values: a full weight of 3 bit has a variance
    of 3 cell pairs instead of 1 + 4.
    """

    def num_digits(self, weight_bits: int, levels: int) -> int:
        """The largest magnitude over levels - 1."""
        return math.ceil((2 ** (weight_bits - 1) - 1) / (levels - 1))

    def place_values(self, num_digits: int, levels: int) -> list[int]:
        """All 1."""
        return [1] * num_digits

    def digit(self, magnitude: np.ndarray, index: int, num_digits: int, levels: int) -> np.ndarray:
        """See Coding."""
        return (magnitude - index * (levels - 1)).clip(0, levels - 1).astype("uint8")
