"""Measured ReRAM cells with two levels or more, history and cycle-to-cycle correlation, after `synaptogen`.

Parameters: DOI 10.5281/zenodo.10942560. The fast path draws states from their law (`state_law`, `verified_law`,
`cycle_law`); the slow one plays pulses (`pulsed_cells`, `pulse_schedules`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memristor_sim.cells.cell import Cell
from memristor_sim.components import Writing

if TYPE_CHECKING:
    import numpy as np

    from memristor_sim.cells.synaptogen.parameters import Parameters


@dataclass(frozen=True)
class Synaptogen(Cell):
    """The cells of arXiv 2505.24721; state 0 is low resistance and state 1 high resistance, of the extreme cells."""

    has_history = True

    @property
    def parameters(self) -> Parameters:
        """The measured parameters.

        :raises MemristorError: the installed `synaptogen` package has others.
        """
        from memristor_sim.cells.synaptogen.parameters import measured

        return measured()

    def extreme_currents(self, voltage_v: Any) -> tuple[Any, Any]:
        """Two measured polynomials; see Cell."""
        return self.parameters.extreme_currents(voltage_v)

    def value_per_ampere(self, full_scale_v: float) -> float:
        """8020 as in the public code of arXiv 2505.24721, which is for full drive at 0.6 V and ignores the drive."""
        return 8020.0

    def level_states(self, levels: int) -> tuple[float, ...]:
        """See Cell; evenly spaced."""
        from memristor_sim.cells.synaptogen.pulse_schedules import level_states

        return level_states(self.parameters, levels)

    def check_writing(self, writing: Writing) -> None:
        """Everything is supported."""

    def written_states(self, levels: np.ndarray, writing: Writing, stream: np.random.SFC64) -> np.ndarray:
        """See Cell; binary cells are drawn from their law, with verification or without; all others play pulses."""
        from numpy.random import Generator

        from memristor_sim.cells.synaptogen import cycle_law, pulse_schedules, state_law, verified_law

        if writing.levels == 2 and not writing.play_pulses:
            cycles = cycle_law.cycles_of(self.parameters, writing.conditioning, Generator(stream))
            if writing.verify is not None:
                return verified_law.draw_verified(self.parameters, levels > 0, cycles, writing.verify, stream)
            return state_law.draw_states(self.parameters, levels > 0, cycles, stream)
        return pulse_schedules.written_states(self.parameters, levels, writing, stream)
