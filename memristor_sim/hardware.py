"""The whole hardware as one value, and two presets.

This module imports no torch or NumPy, so that a graph of jobs can be built from these values quickly.
"""

import math
from dataclasses import dataclass
from typing import Any

from memristor_sim.cells.cell import Cell
from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.coding import Coding, Positional, Unary
from memristor_sim.components import (
    PAPER_NOISE,
    PHYSICAL_NOISE,
    READ_RANGE_V,
    WRITE_V,
    Adc,
    Converters,
    Cycles,
    Dac,
    RandomPulses,
    ReadNoise,
    StuckAt,
    Verify,
    Writing,
    require,
)
from memristor_sim.quantisation import Quantisation

__all__ = [
    "PAPER_NOISE", "PHYSICAL_NOISE", "READ_RANGE_V", "WRITE_V", "Adc", "Cell", "Coding", "Converters", "Cycles", "Dac",
    "Hardware", "Positional", "Quantisation", "RandomPulses", "ReadNoise", "StuckAt", "Synaptogen", "Unary", "Verify",
    "Writing", "paper", "physical",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """One kind of crossbar hardware and how a model is put onto it. See `physical` and `paper`."""

    weight_bits: int = 8
    """Of plain layers, which are min-max quantised when they are programmed; fake-quantised ones have their own."""
    tile_rows: int = 128
    """Input lines of one array (paper: 128); arrays at the edge of a matrix are smaller."""
    tile_columns: int = 128
    """Output lines of one array (paper: 128)."""
    dac: Dac = Dac()
    adc: Adc = Adc()
    converters: tuple[Converters, ...] = ()
    """Layers with converters other than `dac` and `adc`; the first match counts."""
    cell: Cell = Synaptogen()
    """The cell technology."""
    value_per_ampere: float | None = None
    """Factor from current to value; None for the cell's own (Synaptogen: 8020, as in the paper)."""
    read_noise: ReadNoise | None = PHYSICAL_NOISE
    conditioning: Cycles | RandomPulses = Cycles()
    """What the cells went through before they are written."""
    play_pulses: bool = False
    """Play the conditioning pulse by pulse (reference, slow) instead of sampling its outcome."""
    levels: int = 2
    """Conductance levels of a cell, a power of two."""
    coding: Coding = Positional()
    """How weights become digits of cells, and how many cells share a digit."""
    verify: Verify | None = None
    stuck_at: StuckAt = StuckAt()
    digital_bias: bool = True
    """Add the bias digitally; False drops it, as the public library did until March 2025."""
    include: tuple[str, ...] = ("*",)
    """fnmatch patterns on module names: the layers to map."""
    exclude: tuple[str, ...] = ()
    """fnmatch patterns on module names: layers that stay digital."""
    map_depthwise: bool = False
    """Map convolutions with one input channel per group as well."""
    quantisation: Quantisation = Quantisation()
    """How plain layers are quantised, and ADC ranges found."""

    def __post_init__(self) -> None:
        require(2 <= self.weight_bits <= 16, f"Hardware.weight_bits is {self.weight_bits}: give 2 to 16.")
        for name in ("tile_rows", "tile_columns"):
            require(getattr(self, name) >= 1, f"Hardware.{name} is {getattr(self, name)}: give at least 1.")
        require(
            2 <= self.levels <= 256 and self.levels.bit_count() == 1,
            f"Hardware.levels is {self.levels}: give a power of two from 2 to 256.",
        )
        factor = self.value_per_ampere
        require(
            factor is None or (factor > 0 and math.isfinite(factor)),
            f"Hardware.value_per_ampere is {factor}: give a number above 0, or None for the cell's own.",
        )
        for name in ("include", "exclude"):
            require(
                isinstance(getattr(self, name), tuple),
                f"Hardware.{name} is {getattr(self, name)!r}: give a tuple of patterns.",
            )
        require(
            isinstance(self.cell, Cell) and not isinstance(self.cell, type),
            f"Hardware.cell is {self.cell!r}: give a cell technology, for example Synaptogen().",
        )
        require(
            isinstance(self.quantisation, Quantisation),
            f"Hardware.quantisation is {self.quantisation!r}: give Quantisation(...).",
        )
        require(
            isinstance(self.coding, Coding) and not isinstance(self.coding, type),
            f"Hardware.coding is {self.coding!r}: give Positional() or Unary().",
        )
        self.cell.check_writing(self.writing)

    def __sis_state__(self) -> dict[str, Any]:
        """What a job hash sees: with the default cell, what it saw before there was a choice of cells."""
        state = dict(vars(self))
        if self.quantisation == Quantisation():
            del state["quantisation"]
        if self.coding == Positional():
            del state["coding"]
        if self.cell == Synaptogen():
            state.pop("cell", None)
            state["value_per_ampere"] = self.output_per_ampere(READ_RANGE_V)
        return state

    @property
    def writing(self) -> Writing:
        """What the cell technology sees of this value when arrays are written."""
        return Writing(
            levels=self.levels, conditioning=self.conditioning, play_pulses=self.play_pulses, verify=self.verify
        )

    def output_per_ampere(self, full_scale_v: float) -> float:
        """Factor from current to value: `value_per_ampere`, or the cell's own.

        :param full_scale_v: line voltage of an input of 1.
        """
        own = self.value_per_ampere
        return self.cell.value_per_ampere(full_scale_v) if own is None else own

    def planes(self, weight_bits: int) -> int:
        """Number of arrays of one polarity that hold one weight of so many bits, copies included."""
        return self.coding.num_planes(weight_bits, self.levels)


def physical(*, cell: Cell = Synaptogen(), **changes: Any) -> Hardware:  # noqa: B008
    """Right constants, noise independent for every frame; devices differ by nothing but their draw.

    Cells with a history have that of the paper's first run.

    :param changes: other fields of Hardware.
    """
    conditioning = RandomPulses(count=50) if getattr(cell, "has_history", False) else Cycles()
    return Hardware(**{"cell": cell, "conditioning": conditioning} | changes)


def paper(*, cycles: int = 1, **changes: Any) -> Hardware:
    """As published (arXiv 2505.24721 and its code): run k has k x 50 random pulses, noise 40 times too strong.

    :param cycles: the run k, 1 to 10 in the paper's table 3.
    :param changes: other fields of Hardware.
    """
    published: dict[str, Any] = {"read_noise": PAPER_NOISE, "conditioning": RandomPulses(count=50 * cycles)}
    return Hardware(**published | changes)
