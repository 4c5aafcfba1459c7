"""The parts of a hardware description as values: converters, read noise, history, writing, faults.

This module imports no torch or NumPy, so that a graph of jobs can be built from these values quickly.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from memristor_sim.errors import MemristorError

READ_RANGE_V = 0.6
"""Reads up to this voltage are taken to leave states unchanged (arXiv 2505.24721, section 4)."""
WRITE_V = 2.0
"""+2 V resets every cell, -2 V sets it (arXiv 2505.24721, section 4)."""
ELEMENTARY_CHARGE_C = 1.602176634e-19
BOLTZMANN_J_PER_K = 1.380649e-23
ROOM_K = 300.0


def require(condition: bool, sentence: str) -> None:
    """:raises MemristorError: with `sentence`, unless the condition holds."""
    if not condition:
        raise MemristorError(sentence)


class _Levels:
    """The levels of a converter."""

    symmetric: bool

    @property
    @abstractmethod
    def bits(self) -> int:
        """Bits in all."""

    @property
    def lowest(self) -> int:
        """Lowest level, in steps."""
        return -(2 ** (self.bits - 1))

    @property
    def highest(self) -> int:
        """Highest level, in steps."""
        return 2 ** (self.bits - 1) - (not self.symmetric)


@dataclass(frozen=True, kw_only=True)
class Dac(_Levels):
    """Digital inputs to line voltages; an input of 1 drives `full_scale_v`."""

    bits: int = 8
    """The step is 2**(1-bits) of full scale."""
    full_scale_v: float = READ_RANGE_V
    symmetric: bool = True
    """The paper's form with 2**bits + 1 levels, -1 to 1; otherwise exactly 2**bits, without the topmost."""
    linearised: bool = False
    """Space the voltages so that the current of an average pair of cells is linear in the input, to both signs. The
    weaker side at `full_scale_v` sets what an input of 1 drives, and a factor behind the line makes up for it."""

    def __post_init__(self) -> None:
        require(1 <= self.bits <= 16, f"Dac.bits is {self.bits}: give 1 to 16.")
        require(
            0 < self.full_scale_v <= READ_RANGE_V,
            f"Dac.full_scale_v is {self.full_scale_v} V, beyond the read range: give more than 0 and "
            f"at most {READ_RANGE_V} V.",
        )

    def __sis_state__(self) -> dict[str, Any]:
        """What a job hash sees: with even steps, what it saw before there was a choice."""
        return {name: value for name, value in vars(self).items() if name != "linearised" or value}

    def __repr__(self) -> str:
        # The state of a device holds this text, so that of even steps stays.
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__sis_state__().items())
        return f"Dac({fields})"


@dataclass(frozen=True, kw_only=True)
class Adc(_Levels):
    """Column currents to numbers; 1 is one weight step times one full-scale input."""

    precision_bits: int = 4
    """The step is 2**-precision_bits."""
    range_bits: int = 4
    """Values clip at +-2**(range_bits-1); a negative number gives a range below one half."""
    symmetric: bool = True
    """2**bits + 1 levels as in the paper (4 + 4 bits: 257 levels, +-8), or exactly 2**bits."""

    def __post_init__(self) -> None:
        require(
            1 <= self.bits <= 24,
            f"Adc.precision_bits + Adc.range_bits is {self.bits}: give 1 to 24 bits in all.",
        )

    @property
    def bits(self) -> int:
        """Bits in all."""
        return self.precision_bits + self.range_bits


@dataclass(frozen=True, kw_only=True)
class Converters:
    """Converters of the layers whose name matches a pattern."""

    pattern: str
    """fnmatch pattern on module names."""
    dac: Dac = Dac()
    adc: Adc = Adc()


@dataclass(frozen=True, kw_only=True)
class ReadNoise:
    """Johnson and shot noise of a read: variance 4 k T B |I/U| + 2 q B |I| per cell [A^2]."""

    bandwidth_hz: float = 1e8
    charge_c: float = ELEMENTARY_CHARGE_C
    temperature_k: float = 300.0
    shared_over_batch: bool = False
    """One draw for all sequences of a batch (first axis), as the public code does."""

    def __post_init__(self) -> None:
        for name in ("bandwidth_hz", "charge_c", "temperature_k"):
            value = getattr(self, name)
            require(value >= 0 and math.isfinite(value), f"ReadNoise.{name} is {value}: give a number of 0 or more.")


PHYSICAL_NOISE = ReadNoise()
PAPER_NOISE = ReadNoise(bandwidth_hz=1e-8, charge_c=math.e, shared_over_batch=True)
"""As published: bandwidth 1e-8 Hz and Euler's number for the elementary charge, 40 times too strong at full drive."""


@dataclass(frozen=True, kw_only=True)
class Cycles:
    """History before writing: full set/reset cycles."""

    count: int = 0
    """How many; 0 for fresh cells."""

    def __post_init__(self) -> None:
        require(self.count >= 0, f"Cycles.count is {self.count}: give 0 or more.")


@dataclass(frozen=True, kw_only=True)
class RandomPulses:
    """History before writing: random pulses, each applied to all cells of an array."""

    count: int = 50
    amplitude_v: float = WRITE_V
    """Pulses are uniform in +-amplitude_v."""

    def __post_init__(self) -> None:
        require(self.count >= 0, f"RandomPulses.count is {self.count}: give 0 or more.")
        require(self.amplitude_v > 0, f"RandomPulses.amplitude_v is {self.amplitude_v}: give more than 0 V.")


@dataclass(frozen=True, kw_only=True)
class Verify:
    """Read every written cell without noise and rewrite those that are off."""

    tolerance: float = 0.1
    """Largest allowed error of a cell, in weight steps."""
    rounds: int = 10
    """Maximum number of rewrites."""
    read_v: float = READ_RANGE_V
    """Voltage of the test read."""

    def __post_init__(self) -> None:
        require(self.tolerance > 0, f"Verify.tolerance is {self.tolerance}: give more than 0.")
        require(self.rounds >= 0, f"Verify.rounds is {self.rounds}: give 0 or more.")
        require(0 < self.read_v <= READ_RANGE_V, f"Verify.read_v is {self.read_v}: give 0 to {READ_RANGE_V} V.")


@dataclass(frozen=True, kw_only=True)
class Writing:
    """How an array is conditioned and written: the fields of Hardware that a cell technology sees."""

    levels: int = 2
    conditioning: Cycles | RandomPulses = Cycles()
    play_pulses: bool = False
    verify: Verify | None = None


@dataclass(frozen=True, kw_only=True)
class StuckAt:
    """Faulty cells, which keep one level whatever is written."""

    low: float = 0.0
    """Share of cells stuck on the lowest level."""
    high: float = 0.0
    """Share of cells stuck on the highest level."""

    def __post_init__(self) -> None:
        require(
            self.low >= 0 and self.high >= 0 and self.low + self.high <= 1,
            f"StuckAt(low={self.low}, high={self.high}): give rates of 0 or more that sum to at most 1.",
        )


@dataclass(frozen=True, kw_only=True)
class Wires:
    """Resistances of the lines of an array; `memristor_sim.wires` has the geometry."""

    segment_ohm: float = 1.0
    """Of a line between two neighbouring cells, along rows and along columns."""
    driver_ohm: float = 0.0
    """Of what drives a row, in series."""
    sense_ohm: float = 0.0
    """Of what holds the end of a column at 0 V and takes its current."""

    def __post_init__(self) -> None:
        for name in ("segment_ohm", "driver_ohm", "sense_ohm"):
            value = getattr(self, name)
            require(value >= 0 and math.isfinite(value), f"Wires.{name} is {value}: give a number of 0 or more.")


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What time does to written cells. No measurement of the cells of arXiv 2505.24721 is published: give your own.

    After t seconds a state r has become rest_state + (r - rest_state) exp(-(t / relaxation_s)**stretch), and then a
    cell conducts (1 + t / start_s)**-nu times as much, with an exponent nu of its own.
    """

    exponent: float = 0.0
    """Mean exponent of the power law."""
    exponent_std: float = 0.0
    """Its standard deviation over cells; the law is normal, and negative exponents become 0."""
    start_s: float = 1.0
    """Time after which the power law sets in."""
    compensated: bool = False
    """Undo the mean exponent digitally, by one factor behind the ADCs."""
    relaxation_s: float | None = None
    """Time constant of the states; None for states that stay."""
    stretch: float = 1.0
    """Exponent of the stretched exponential, above 0 and at most 1."""
    rest_state: float = 0.5
    """The state that all states tend to."""

    def __post_init__(self) -> None:
        for name in ("exponent", "exponent_std"):
            value = getattr(self, name)
            require(value >= 0 and math.isfinite(value), f"Drift.{name} is {value}: give a number of 0 or more.")
        for name in ("start_s", "relaxation_s"):
            value = getattr(self, name)
            require(
                value is None or (value > 0 and math.isfinite(value)),
                f"Drift.{name} is {value}: give seconds above 0.",
            )
        require(0 < self.stretch <= 1, f"Drift.stretch is {self.stretch}: give more than 0 and at most 1.")
        require(0 <= self.rest_state <= 1, f"Drift.rest_state is {self.rest_state}: give 0 to 1.")

    def growth(self, age_s: float) -> float:
        """1 + t / start_s."""
        return 1 + age_s / self.start_s

    def common(self, age_s: float) -> float:
        """What the mean exponent leaves of all conductances."""
        return self.growth(age_s) ** -self.exponent

    def kept(self, age_s: float) -> float:
        """What is left of a state's distance from rest."""
        return 1.0 if self.relaxation_s is None else math.exp(-((age_s / self.relaxation_s) ** self.stretch))


@dataclass(frozen=True, kw_only=True)
class Temperature:
    """Temperature while a device is read. Cells are written at 300 K, where they were measured."""

    kelvin: float = 300.0
    """Of the thermal part of the read noise as well, in the place of ReadNoise.temperature_k."""
    current_per_k: float = 0.0
    """Relative change of all currents per kelvin. Not published of these cells: give your own."""

    def __post_init__(self) -> None:
        require(0 < self.kelvin < math.inf, f"Temperature.kelvin is {self.kelvin}: give a number above 0.")
        require(
            0 < self.factor < math.inf,
            f"Temperature.current_per_k is {self.current_per_k}, which makes currents {self.factor:g} times those at "
            f"{ROOM_K:g} K: give a coefficient that leaves them positive.",
        )

    @property
    def factor(self) -> float:
        """Of all currents, against those at 300 K."""
        return 1 + self.current_per_k * (self.kelvin - ROOM_K)
