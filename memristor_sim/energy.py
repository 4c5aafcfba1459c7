"""Joules, seconds and square millimetres of what crossbars do, and joules of the same products computed digitally.

Counts come from `recorded_work` (work_meter.py), constants from here: each with its source and, as none was measured on
a chip with these cells, with a range. This module imports no torch or NumPy. Sources in full:
- ISAAC: A. Shafiee et al., a convolutional neural network accelerator, ISCA 2016, doi 10.1109/ISCA.2016.12, table of
  parameters
- Horowitz: M. Horowitz, Computing's energy problem (and what we can do about it), ISSCC 2014
- M. O'Connor et al., Fine-grained DRAM, MICRO 2017, doi 10.1145/3123939.3124545

Not counted, as it is the same in both worlds or unknown: what stays digital (scores, norms, sums of attention), clocks,
leakage, losses of drivers beyond the current of the cells, wires between arrays, programming.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from math import ceil

from memristor_sim.adc_survey import conversion_energy_j, converter_area_mm2
from memristor_sim.bounds import ZERO, Assumed, Bounds
from memristor_sim.components import require

HOROWITZ = "Horowitz, ISSCC 2014 (45 nm)"
ISAAC = "ISAAC, ISCA 2016 (32 nm)"


@dataclass(frozen=True, kw_only=True)
class LayerWork:
    """What the arrays and converters of one weight matrix did."""

    name: str
    vectors: int
    """Inputs that were multiplied with the matrix."""
    summed_power_w: float
    """Voltage times current of all cells of both lines of every pair, summed over the vectors; times the duration of a
    read, joules."""
    dac_conversions: int
    """Line drives: every array has its own converters, which the two lines of a pair share."""
    adc_conversions: int
    """Column reads, before the digital sum over planes and tiles."""
    adc_bits: int
    buffer_bytes: float
    """Inputs written once and read per tile of columns, and sums of every tile of rows written and read once."""
    multiply_adds: int
    """Of the same products computed digitally."""
    pairs: int
    """Pairs of arrays."""
    cells: int
    """Of all arrays, each at its full size."""


@dataclass(frozen=True, kw_only=True)
class Energy:
    """Joules by what takes them."""

    array_j: Bounds = ZERO
    """Current through the cells."""
    dac_j: Bounds = ZERO
    adc_j: Bounds = ZERO
    digital_j: Bounds = ZERO
    """Shift-and-add, and buffers of inputs and sums."""

    @property
    def total_j(self) -> Bounds:
        """All of it."""
        return self.array_j + self.dac_j + self.adc_j + self.digital_j

    @property
    def shares(self) -> dict[str, float]:
        """Of the typical total: `array`, `dac`, `adc`, `digital`; 0 where there is none."""
        parts = {name.removesuffix("_j"): part.typical for name, part in vars(self).items()}
        whole = sum(parts.values())
        return {name: part / whole if whole else 0.0 for name, part in parts.items()}

    def __add__(self, other: "Energy") -> "Energy":
        return Energy(**{name: part + vars(other)[name] for name, part in vars(self).items()})

    def __mul__(self, factor: float) -> "Energy":
        return Energy(**{name: part * factor for name, part in vars(self).items()})


@dataclass(frozen=True, kw_only=True)
class EnergyModel:
    """The constants. Ends of ranges are added up: a total is low where all assumptions are favourable at once."""

    technology_nm: Assumed = Assumed(
        low=22,
        typical=32,
        high=65,
        source=f"assumption: node of {ISAAC}; published in-memory chips lie between the ends",
    )
    """Of the ADCs; what is digital has ranges of its own."""
    adc_samples_per_s: float = 1e7
    """Of one converter. Speech asks for little: 128 columns take 12.8 microseconds. At 8 bit a conversion costs the
    same up to 1e9."""
    adcs_per_pair: float = 1.0
    """ADCs per pair of arrays; columns take turns. Below 1, pairs take turns as well."""
    read_time_s: Assumed = Assumed(
        low=5e-9,
        typical=10e-9,
        high=100e-9,
        source=f"assumption: 1/(2B) and 1/B for the 1e8 Hz that read noise has here; the cycle of {ISAAC}",
    )
    """How long the lines are driven; results are held while they wait for the ADC."""
    dac_conversion_j: Assumed = Assumed(
        low=0.39e-12,
        typical=0.8e-12,
        high=1.7e-12,
        source=f"assumption: from the one-bit drivers of {ISAAC}, 4 mW for 1,024 at 1e7 Hz, to a whole 8-bit ADC, "
        "which has a DAC within",
    )
    """Of one line, whatever its bits, without the current of the cells."""
    shift_add_j: Assumed = Assumed(
        low=0.02e-12,
        typical=0.05e-12,
        high=0.1e-12,
        source=f"{ISAAC}, 0.2 mW beside eight ADCs of 1.28e9 Hz; additions of 16 and 32 bit of {HOROWITZ}",
    )
    """Per ADC conversion."""
    buffer_j_per_byte: Assumed = Assumed(
        low=1.25e-12, typical=2.5e-12, high=12.5e-12, source=f"64 bit of 8 kB, 32 kB and 1 MB of cache, {HOROWITZ}"
    )
    dram_j_per_byte: Assumed = Assumed(
        low=31e-12,
        typical=162.5e-12,
        high=325e-12,
        source=f"3.9 pJ per bit of HBM2, O'Connor et al., MICRO 2017; 1.3 and 2.6 nJ per 64 bit, {HOROWITZ}",
    )
    """Of weights that a digital accelerator reads from off-chip memory."""
    multiply_add_j: Assumed = Assumed(
        low=0.1e-12,
        typical=0.3e-12,
        high=0.3e-12,
        source=f"8-bit product and 32-bit sum, {HOROWITZ}; low: assumption for a later node",
    )
    """Of a digital accelerator."""
    cell_area_um2: Assumed = Assumed(
        low=0.0015,
        typical=0.05,
        high=1.0,
        source=f"25 um^2 per 128 x 128 array of {ISAAC}; assumptions for one transistor per cell: about 50 F^2 at "
        "32 nm, and one wide enough for writing currents of half a milliampere",
    )

    def __post_init__(self) -> None:
        for name in ("adc_samples_per_s", "adcs_per_pair"):
            require(getattr(self, name) > 0, f"EnergyModel.{name} is {getattr(self, name)}: give more than 0.")
        require(self.technology_nm.low > 0, "EnergyModel.technology_nm starts at 0: give more than 0 nm.")

    def energy(self, work: LayerWork) -> Energy:
        """Joules of one layer."""
        return Energy(
            array_j=self.read_time_s * work.summed_power_w,
            dac_j=self.dac_conversion_j * work.dac_conversions,
            adc_j=self.adc_conversion_j(work.adc_bits) * work.adc_conversions,
            digital_j=self.shift_add_j * work.adc_conversions + self.buffer_j_per_byte * work.buffer_bytes,
        )

    def energy_of(self, layers: Iterable[LayerWork]) -> Energy:
        """Joules of all layers."""
        return reduce(Energy.__add__, map(self.energy, layers), Energy())

    def adc_conversion_j(self, bits: int) -> Bounds:
        """Of one conversion, over the range of technologies."""
        return self._by_technology(conversion_energy_j, bits)

    def latency_s(self, layers: Iterable[LayerWork]) -> Bounds:
        """Time of reads and conversions; layers work one after the other, the arrays of a layer at the same time."""
        return reduce(Bounds.__add__, map(self._latency_s, layers), ZERO)

    def _latency_s(self, work: LayerWork) -> Bounds:
        """Vectors come one after the other, pairs that share an ADC as well."""
        turns = max(1, ceil(1 / self.adcs_per_pair))
        converters = work.pairs * self.adcs_per_pair
        converting_s = work.adc_conversions / converters / self.adc_samples_per_s if work.pairs else 0.0
        converting = Bounds(low=converting_s, typical=converting_s, high=converting_s)
        return self.read_time_s * (work.vectors * turns) + converting

    def area_mm2(self, layers: Iterable[LayerWork]) -> Bounds:
        """Cells and ADCs. DACs, buffers and logic are not in it: no source for drivers of such cells was found."""
        return reduce(Bounds.__add__, map(self._area_mm2, layers), ZERO)

    def _area_mm2(self, work: LayerWork) -> Bounds:
        adcs = self._by_technology(converter_area_mm2, work.adc_bits) * ceil(work.pairs * self.adcs_per_pair)
        return self.cell_area_um2 * (1e-6 * work.cells) + adcs

    def _by_technology(self, of_adc: Callable[[float, float, float], float], bits: int) -> Bounds:
        nodes = {end: getattr(self.technology_nm, end) for end in ("low", "typical", "high")}
        return Bounds(**{end: of_adc(bits, node, self.adc_samples_per_s) for end, node in nodes.items()})

    def assumptions(self) -> dict[str, Assumed]:
        """The constants that have a range, by the name of their field."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Assumed)}
