"""Cells whose currents have all changed by one factor, with age or temperature."""

from dataclasses import dataclass
from typing import Any

from memristor_sim.cells.cell import ReadLaw


@dataclass(frozen=True)
class ScaledCurrents(ReadLaw):
    """The currents of `nominal`, times `factor`."""

    nominal: ReadLaw
    factor: float

    def extreme_currents(self, voltage_v: Any) -> tuple[Any, Any]:
        """See ReadLaw."""
        low, high = self.nominal.extreme_currents(voltage_v)
        return self.factor * low, self.factor * high

    def extreme_magnitudes(self, voltage_v: Any) -> tuple[Any, Any]:
        """See ReadLaw."""
        low, high = self.nominal.extreme_magnitudes(voltage_v)
        return self.factor * low, self.factor * high
