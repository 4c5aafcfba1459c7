"""How weights, inputs and column currents are fitted to their levels, as values; imports no torch or NumPy.

A range rule says which magnitude is put on the outermost level. What is beyond clips.
"""

from dataclasses import dataclass

from memristor_sim.components import require


@dataclass(frozen=True, kw_only=True)
class Largest:
    """The largest magnitude: nothing clips."""


@dataclass(frozen=True, kw_only=True)
class Percentile:
    """The magnitude below which this share lies."""

    percent: float = 99.9

    def __post_init__(self) -> None:
        require(0 < self.percent <= 100, f"Percentile.percent is {self.percent}: give more than 0 and at most 100.")


@dataclass(frozen=True, kw_only=True)
class Sigma:
    """A multiple of the root mean square."""

    factor: float = 4.0

    def __post_init__(self) -> None:
        require(self.factor > 0, f"Sigma.factor is {self.factor}: give more than 0.")


@dataclass(frozen=True, kw_only=True)
class LeastSquares:
    """The magnitude that makes the mean square of what rounding and clipping change least, of a grid of them."""

    candidates: int = 40
    """Evenly spaced up to the largest magnitude."""

    def __post_init__(self) -> None:
        require(self.candidates >= 2, f"LeastSquares.candidates is {self.candidates}: give at least 2.")


@dataclass(frozen=True, kw_only=True)
class MovingAverage:
    """The largest magnitude of each call of the model, averaged over calls with decaying weights; of inputs alone."""

    momentum: float = 0.1
    """Weight of a new call."""

    def __post_init__(self) -> None:
        require(0 < self.momentum <= 1, f"MovingAverage.momentum is {self.momentum}: give more than 0 and at most 1.")


RangeRule = Largest | Percentile | Sigma | LeastSquares


@dataclass(frozen=True, kw_only=True)
class Quantisation:
    """How plain layers are quantised; the default is min-max. Fake-quantised layers bring their own."""

    per_column: bool = False
    """A weight scale for each output column instead of one for the tensor: a digital factor behind the ADC."""
    weights: RangeRule = Largest()
    """What is put on the outermost weight level."""
    inputs: RangeRule | MovingAverage = Largest()
    """What drives full scale, from the calibration inputs."""
    adc: RangeRule | None = None
    """What is put on the outermost level of the ADC, from the calibration inputs on the programmed device; None for the
    range that `Adc.range_bits` says. The number of levels stays."""
    adc_range_of: str = "tile"
    """What has an ADC range of its own: `layer`, `plane`, or `tile` (of each plane)."""
    clip_warning: float = 0.05
    """Share of clipped conversions of a layer, while calibration inputs run on the device, above which there is a
    warning; 1 for none."""

    def __post_init__(self) -> None:
        require(
            self.adc_range_of in ("layer", "plane", "tile"),
            f"Quantisation.adc_range_of is {self.adc_range_of!r}: give 'layer', 'plane' or 'tile'.",
        )
        require(
            0 <= self.clip_warning <= 1, f"Quantisation.clip_warning is {self.clip_warning}: give a share from 0 to 1."
        )
        for name, allowed in (("weights", RangeRule), ("inputs", RangeRule | MovingAverage), ("adc", RangeRule | None)):
            rule = getattr(self, name)
            require(isinstance(rule, allowed), f"Quantisation.{name} is {rule!r}: give a rule such as Percentile().")
