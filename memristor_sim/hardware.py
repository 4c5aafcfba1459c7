"""What the hardware is, as values: converters, read noise, history of the cells, tiles, faults, and two presets.

This module imports no torch, so that a graph of jobs can be built from these values in no time.
"""

import dataclasses
import math
from dataclasses import dataclass

from memristor_sim.errors import MemristorError

READ_RANGE_V = 0.6  # reads are taken not to move a state up to here (arXiv 2505.24721, section 4)
WRITE_V = 2.0  # +2 V resets every cell, -2 V sets (same place)
ELEMENTARY_CHARGE_C = 1.602176634e-19
BOLTZMANN_J_PER_K = 1.380649e-23


def _require(condition: bool, sentence: str) -> None:
    if not condition:
        raise MemristorError(sentence)


@dataclass(frozen=True, kw_only=True)
class Dac:
    """Digital inputs to line voltages; an input of 1 drives `full_scale_v`.

    :param bits: the step is 2**(1-bits) of full scale.
    :param symmetric: the paper's form with 2**bits + 1 levels, -1 to 1; otherwise exactly 2**bits, without the topmost.
    """

    bits: int = 8
    full_scale_v: float = READ_RANGE_V
    symmetric: bool = True

    def __post_init__(self):
        _require(1 <= self.bits <= 16, f"Dac.bits is {self.bits}: give 1 to 16.")
        _require(
            0 < self.full_scale_v <= READ_RANGE_V,
            f"Dac.full_scale_v is {self.full_scale_v} V, beyond the read range: give more than 0 and "
            f"at most {READ_RANGE_V} V.",
        )

    @property
    def lowest(self) -> int:
        return -(2 ** (self.bits - 1))

    @property
    def highest(self) -> int:
        return 2 ** (self.bits - 1) - (not self.symmetric)


@dataclass(frozen=True, kw_only=True)
class Adc:
    """Column currents to numbers; 1 is one weight step times one full-scale input.

    :param precision_bits: the step is 2**-precision_bits.
    :param range_bits: it clips at +-2**(range_bits-1); negative values make a range below one half.
    :param symmetric: 2**bits + 1 levels as in the paper (4 + 4 bits: 257 levels, +-8), or exactly 2**bits.
    """

    precision_bits: int = 4
    range_bits: int = 4
    symmetric: bool = True

    def __post_init__(self):
        _require(
            1 <= self.bits <= 24,
            f"Adc.precision_bits + Adc.range_bits is {self.bits}: give 1 to 24 bits in all.",
        )

    @property
    def bits(self) -> int:
        return self.precision_bits + self.range_bits

    @property
    def lowest(self) -> int:
        return -(2 ** (self.bits - 1))

    @property
    def highest(self) -> int:
        return 2 ** (self.bits - 1) - (not self.symmetric)


@dataclass(frozen=True, kw_only=True)
class ReadNoise:
    """Johnson and shot noise of a read: variance 4 k T B |I/U| + 2 q B |I| per cell.

    :param shared_over_batch: one draw for all sequences of a batch (first axis), as the public code does.
    """

    bandwidth_hz: float = 1e8
    charge_c: float = ELEMENTARY_CHARGE_C
    temperature_k: float = 300.0
    shared_over_batch: bool = False

    def __post_init__(self):
        for name in ("bandwidth_hz", "charge_c", "temperature_k"):
            value = getattr(self, name)
            _require(value >= 0 and math.isfinite(value), f"ReadNoise.{name} is {value}: give a number of 0 or more.")


PHYSICAL_NOISE = ReadNoise()
# As published: bandwidth 1e-8 Hz and Euler's number for the elementary charge, 40 times too strong at full drive.
PAPER_NOISE = ReadNoise(bandwidth_hz=1e-8, charge_c=math.e, shared_over_batch=True)


@dataclass(frozen=True, kw_only=True)
class Cycles:
    """History before writing: `count` full set/reset cycles; none for fresh cells."""

    count: int = 0

    def __post_init__(self):
        _require(self.count >= 0, f"Cycles.count is {self.count}: give 0 or more.")


@dataclass(frozen=True, kw_only=True)
class RandomPulses:
    """History before writing: pulses uniform in +-`amplitude_v`, each applied to all cells of an array."""

    count: int = 50
    amplitude_v: float = WRITE_V

    def __post_init__(self):
        _require(self.count >= 0, f"RandomPulses.count is {self.count}: give 0 or more.")
        _require(self.amplitude_v > 0, f"RandomPulses.amplitude_v is {self.amplitude_v}: give more than 0 V.")


@dataclass(frozen=True, kw_only=True)
class Verify:
    """Read every written cell without noise, write those again that are off.

    :param tolerance: largest allowed error of a cell, in weight steps.
    :param rounds: at most so many rewrites.
    :param read_v: voltage of the test read.
    """

    tolerance: float = 0.1
    rounds: int = 10
    read_v: float = READ_RANGE_V

    def __post_init__(self):
        _require(self.tolerance > 0, f"Verify.tolerance is {self.tolerance}: give more than 0.")
        _require(self.rounds >= 0, f"Verify.rounds is {self.rounds}: give 0 or more.")
        _require(0 < self.read_v <= READ_RANGE_V, f"Verify.read_v is {self.read_v}: give 0 to {READ_RANGE_V} V.")


@dataclass(frozen=True, kw_only=True)
class StuckAt:
    """Faulty cells: the share that never sets (`low`) and that always is set (`high`)."""

    low: float = 0.0
    high: float = 0.0

    def __post_init__(self):
        _require(
            self.low >= 0 and self.high >= 0 and self.low + self.high <= 1,
            f"StuckAt(low={self.low}, high={self.high}): give rates of 0 or more that sum to at most 1.",
        )


@dataclass(frozen=True, kw_only=True)
class Converters:
    """Converters of the layers whose name matches `pattern` (fnmatch)."""

    pattern: str
    dac: Dac = Dac()
    adc: Adc = Adc()


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """One kind of crossbar hardware and how a model is put onto it. See `physical` and `paper`.

    :param weight_bits: for plain layers, min-max quantised on the way; fake-quantised ones bring their own.
    :param tile_rows, tile_columns: lines of one array (paper: 128 x 128); smaller ones at the edges.
    :param converters: layers with converters other than `dac` and `adc`; the first match holds.
    :param value_per_ampere: current to value, one set pair at full drive being about 1 (paper: 8020).
    :param read_noise: None for none.
    :param conditioning: what the cells went through before they are written.
    :param play_pulses: play the conditioning pulse by pulse (reference, slow) instead of sampling its outcome.
    :param levels: conductance levels of a cell, a power of two; above 2 by partial resets.
    :param digital_bias: add the bias digitally; False drops it, as the public library did until March 2025.
    :param include, exclude: fnmatch patterns on module names.
    :param map_depthwise: convolutions with one input channel per group go onto crossbars, too.
    """

    weight_bits: int = 8
    tile_rows: int = 128
    tile_columns: int = 128
    dac: Dac = Dac()
    adc: Adc = Adc()
    converters: tuple[Converters, ...] = ()
    value_per_ampere: float = 8020.0
    read_noise: ReadNoise | None = PHYSICAL_NOISE
    conditioning: Cycles | RandomPulses = Cycles()
    play_pulses: bool = False
    levels: int = 2
    verify: Verify | None = None
    stuck_at: StuckAt = StuckAt()
    digital_bias: bool = True
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    map_depthwise: bool = False

    def __post_init__(self):
        _require(2 <= self.weight_bits <= 16, f"Hardware.weight_bits is {self.weight_bits}: give 2 to 16.")
        for name in ("tile_rows", "tile_columns"):
            _require(getattr(self, name) >= 1, f"Hardware.{name} is {getattr(self, name)}: give at least 1.")
        _require(
            2 <= self.levels <= 256 and self.levels.bit_count() == 1,
            f"Hardware.levels is {self.levels}: give a power of two from 2 to 256.",
        )
        _require(
            self.value_per_ampere > 0 and math.isfinite(self.value_per_ampere),
            f"Hardware.value_per_ampere is {self.value_per_ampere}: give a number above 0.",
        )
        for name in ("include", "exclude"):
            _require(
                isinstance(getattr(self, name), tuple),
                f"Hardware.{name} is {getattr(self, name)!r}: give a tuple of patterns.",
            )

    def planes(self, weight_bits: int) -> int:
        """Arrays that hold one weight, from its bits: each stores log2(levels) bits of the magnitude."""
        return math.ceil((weight_bits - 1) / (self.levels.bit_length() - 1))


def physical(**changes) -> Hardware:
    """Right constants, noise independent for every frame; devices differ by nothing but their draw.

    The cells come with the history of the paper's first run.
    """
    return dataclasses.replace(Hardware(conditioning=RandomPulses(count=50)), **changes)


def paper(*, cycles: int = 1, **changes) -> Hardware:
    """As published (arXiv 2505.24721 and its code): run k has k x 50 random pulses, noise 40 times too strong.

    :param cycles: the run k, 1 to 10 in the paper's table 3.
    """
    base = Hardware(read_noise=PAPER_NOISE, conditioning=RandomPulses(count=50 * cycles))
    return dataclasses.replace(base, **changes)
