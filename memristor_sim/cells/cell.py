"""What the simulator asks of a cell technology. Imports no torch or NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from memristor_sim.components import Writing

if TYPE_CHECKING:
    import numpy as np


class CurrentLaw(Protocol):
    """The current of a cell in state r: I(U) = (1 - r) L(U) + r H(U).

    Linearity in r makes a read-out one matrix product for the mean and one for the noise variance; what r means is up
    to the technology. I(U) must have the sign of U for every state that is written.
    """

    def extreme_currents(self, voltage_v: Any) -> tuple[Any, Any]:
        """L(U) and H(U) [A], the currents in the states 0 and 1.

        :param voltage_v: float, array or tensor of any shape; the results have its type and shape.
        """
        ...

    def __hash__(self) -> int:
        """By value in dataclasses: tables over voltages are cached."""
        return object.__hash__(self)


class ReadLaw(CurrentLaw, Protocol):
    """A law of currents that are read with noise."""

    def extreme_magnitudes(self, voltage_v: Any) -> tuple[Any, Any]:
        """Magnitudes of a cell's current in the states 0 and 1 [A], linear between them; for read noise.

        :param voltage_v: not 0; as in `extreme_currents`.
        """
        low, high = self.extreme_currents(voltage_v)
        sign = (voltage_v > 0) * 2.0 - 1.0
        return sign * low, sign * high


@runtime_checkable
class Cell(ReadLaw, Protocol):
    """A cell technology: a frozen dataclass, whose fields enter job hashes. Heavy imports belong inside the methods.

    | member | used by |
    |---|---|
    | `extreme_currents`, `extreme_magnitudes` | `converters.line_tables` (read-out), `iv` |
    | `value_per_ampere` | `Hardware.output_per_ampere`, the scale of the ADC |
    | `level_states` | reports: where the levels should be |
    | `has_history` | the presets: whether cells are conditioned |
    | `check_writing` | `Hardware`, when it is built |
    | `written_states` | `programming.program_states` |

    `str` describes it in tables. Johnson and shot noise follow from the current for every technology
    (`iv.noise_per_ampere`).
    """

    has_history: bool
    """Whether pulses before a write change the states after it."""

    def value_per_ampere(self, full_scale_v: float) -> float:
        """Factor from current to value: a pair of cells on the top and the bottom level gives about 1 at full drive.

        :param full_scale_v: line voltage of an input of 1.
        """
        ...

    def level_states(self, levels: int) -> tuple[float, ...]:
        """Mean state of the cells on each level, from the lowest to the highest conductance.

        :param levels: conductance levels per cell.
        """
        ...

    def check_writing(self, writing: Writing) -> None:
        """:raises MemristorError: the technology cannot be conditioned or written like that."""
        ...

    def written_states(self, levels: np.ndarray, writing: Writing, stream: np.random.SFC64) -> np.ndarray:
        """States of one new array after conditioning and writing.

        :param levels: target levels, uint8 of any shape, 0 having the lowest conductance.
        :param stream: source of all random draws of this array.
        :return: float16, same shape.
        """
        ...
