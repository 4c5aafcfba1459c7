"""Cells that are written perfectly: what is left of a device without its spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.components import Cycles, Writing, require

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class IdealSynaptogen(Synaptogen):
    """The curves of Synaptogen with states of exactly 0 and 1, or evenly between them; no history, no spread.

    No real cell reaches these states: the current of state 1 even has the wrong sign. Its read noise and its power are
    those of the current's magnitude.
    """

    has_history = False

    def extreme_magnitudes(self, voltage_v: Any) -> tuple[Any, Any]:
        """See ReadLaw; exact in the states 0 and 1."""
        low, high = self.extreme_currents(voltage_v)
        return abs(low), abs(high)

    def value_per_ampere(self, full_scale_v: float) -> float:
        """5476, with which a pair in the states 0 and 1 gives 1.01 at full drive of 0.6 V."""
        return 5476.0

    def level_states(self, levels: int) -> tuple[float, ...]:
        """See Cell."""
        return tuple(1 - level / (levels - 1) for level in range(levels))

    def check_writing(self, writing: Writing) -> None:
        """See Cell."""
        require(
            writing.conditioning == Cycles() and not writing.play_pulses and writing.verify is None,
            "IdealSynaptogen is written without error: leave out Hardware.conditioning, play_pulses and verify.",
        )

    def written_states(self, levels: np.ndarray, writing: Writing, stream: np.random.SFC64) -> np.ndarray:
        """See Cell; nothing is drawn."""
        import numpy as np

        return np.array(self.level_states(writing.levels), np.float16)[levels]
