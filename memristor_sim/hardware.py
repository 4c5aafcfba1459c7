"""The whole hardware as one value, and two presets.

This module imports no torch or NumPy, so that a graph of jobs can be built from these values quickly.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from memristor_sim.cells.cell import Cell, ReadLaw
from memristor_sim.cells.ideal import IdealSynaptogen
from memristor_sim.cells.scaled import ScaledCurrents
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
    Drift,
    RandomPulses,
    ReadNoise,
    StuckAt,
    Temperature,
    Verify,
    Wires,
    Writing,
    require,
)
from memristor_sim.quantisation import Quantisation

__all__ = [
    "PAPER_NOISE", "PHYSICAL_NOISE", "READ_RANGE_V", "WRITE_V", "Adc", "Cell", "Coding", "Converters", "Cycles", "Dac",
    "Drift", "Hardware", "IdealSynaptogen", "Positional", "Quantisation", "RandomPulses", "ReadNoise", "StuckAt",
    "Synaptogen", "Temperature", "Unary", "Verify", "Wires", "Writing", "paper", "physical",
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
    wires: Wires | None = None
    """Resistances of the lines; None for none."""
    drift: Drift | None = None
    """What time does to written cells; None for nothing."""
    age_s: float = 0.0
    """Time from writing to reading, for `drift`."""
    temperature: Temperature | None = None
    """Of reading; None for 300 K and ReadNoise.temperature_k."""
    spare_columns: int = 0
    """Further columns of each array, which take the place of those with the most stuck cells."""

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
        self._check_reading()
        self.cell.check_writing(self.writing)

    def _check_reading(self) -> None:
        for name, kind in (("wires", Wires), ("drift", Drift), ("temperature", Temperature)):
            value = getattr(self, name)
            require(
                value is None or isinstance(value, kind),
                f"Hardware.{name} is {value!r}: give {kind.__name__}(...), or None.",
            )
        require(
            self.age_s >= 0 and math.isfinite(self.age_s), f"Hardware.age_s is {self.age_s}: give seconds from 0 on."
        )
        require(
            self.age_s == 0 or self.drift is not None,
            f"Hardware.age_s is {self.age_s:g}, but nothing changes with time: give Hardware.drift=Drift(...).",
        )
        require(self.spare_columns >= 0, f"Hardware.spare_columns is {self.spare_columns}: give 0 or more.")
        require(
            self.wires is None or not self.spare_columns,
            "Hardware.wires knows no spare columns, whose place in the array would count: leave out one of them.",
        )
        require(
            self.wires is None or not isinstance(self.cell, IdealSynaptogen),
            "Hardware.wires needs cells that conduct, and state 1 of IdealSynaptogen does not: give Synaptogen().",
        )

    def __sis_state__(self) -> dict[str, Any]:
        """What a job hash sees: with the default cell, what it saw before there was a choice of cells."""
        state = dict(vars(self))
        for name, default in _LATER_FIELDS.items():
            if state[name] == default:
                del state[name]
        if self.cell == Synaptogen():
            state.pop("cell", None)
            state["value_per_ampere"] = self.output_per_ampere(READ_RANGE_V)
        return state

    @property
    def attenuates(self) -> bool:
        """Whether cells differ in how much of their current arrives: two products for a mean instead of one."""
        return self.wires is not None or (self.drift is not None and self.drift.exponent_std > 0 and self.age_s > 0)

    @property
    def law(self) -> ReadLaw:
        """The currents of the cells when they are read, but for what differs between cells."""
        factor = 1.0 if self.temperature is None else self.temperature.factor
        if self.drift is not None:
            factor *= self.drift.common(self.age_s)
        return self.cell if factor == 1 else ScaledCurrents(self.cell, factor)

    @property
    def noise_at_reading(self) -> ReadNoise | None:
        """The read noise at the temperature of reading."""
        if self.read_noise is None or self.temperature is None:
            return self.read_noise
        return replace(self.read_noise, temperature_k=self.temperature.kelvin)

    @property
    def digital_gain(self) -> float:
        """What the outputs of the ADCs are multiplied with."""
        return 1 / self.drift.common(self.age_s) if self.drift is not None and self.drift.compensated else 1.0

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


_LATER_FIELDS: dict[str, Any] = {"quantisation": Quantisation(), "coding": Positional(), "wires": None,
                                  "drift": None, "age_s": 0.0, "temperature": None, "spare_columns": 0}  # fmt: skip
"""Fields that are no part of a job hash while they have these values, as they came after ids were published."""


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
