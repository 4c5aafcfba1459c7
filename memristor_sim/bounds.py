"""A quantity that is only known within limits, and an assumption with its source. No torch here."""

from dataclasses import dataclass
from typing import Any

from memristor_sim.components import require


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Low, typical and high value of one quantity, in one unit."""

    low: float
    typical: float
    high: float

    def __post_init__(self) -> None:
        require(
            0 <= self.low <= self.typical <= self.high,
            f"Bounds(low={self.low}, typical={self.typical}, high={self.high}): give 0 <= low <= typical <= high.",
        )

    def __add__(self, other: "Bounds") -> "Bounds":
        """All that is assumed at its favourable end, or at its unfavourable one, at once."""
        return Bounds(low=self.low + other.low, typical=self.typical + other.typical, high=self.high + other.high)

    def __mul__(self, factor: float) -> "Bounds":
        """Each times a number of 0 or more."""
        return Bounds(low=self.low * factor, typical=self.typical * factor, high=self.high * factor)


ZERO = Bounds(low=0.0, typical=0.0, high=0.0)


@dataclass(frozen=True, kw_only=True)
class Assumed(Bounds):
    """A constant of a model, with where it comes from."""

    source: str

    def __sis_state__(self) -> dict[str, Any]:
        """What a job hash sees: the values."""
        return {name: value for name, value in vars(self).items() if name != "source"}
