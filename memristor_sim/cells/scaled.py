"""Cells whose currents have all changed by one factor, with age or temperature."""

from dataclasses import dataclass
from typing import Any

from memristor_sim.cells.cell import CurrentLaw


@dataclass(frozen=True)
class ScaledCurrents(CurrentLaw):
    """The currents of `nominal`, times `factor`."""

    nominal: CurrentLaw
    factor: float

    def extreme_currents(self, voltage_v: Any) -> tuple[Any, Any]:
        """See CurrentLaw."""
        low, high = self.nominal.extreme_currents(voltage_v)
        return self.factor * low, self.factor * high

    def extreme_magnitudes(self, voltage_v: Any) -> tuple[Any, Any]:
        """See CurrentLaw."""
        low, high = self.nominal.extreme_magnitudes(voltage_v)
        return self.factor * low, self.factor * high
