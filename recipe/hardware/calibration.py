"""What is measured on a device after it was programmed, and set to make it nearer to its digital model, as values.

No labels and no gradients: some seconds of training audio. Imports torch inside methods only.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from memristor_sim.quantisation import LeastSquares, RangeRule
from recipe.errors import InputError

if TYPE_CHECKING:
    from torch import nn

Speech = Callable[["nn.Module"], Any]
"""Runs a model over the calibration audio."""


@dataclass(frozen=True, kw_only=True)
class CalibrationStep(ABC):
    """One way to calibrate a device. Steps run in their `order`, each on its own sample of audio."""

    seconds: float = 20.0
    """Training audio: utterances in a random order, one after the other, cut to this length."""
    seed: int = 0
    """Of the sample of audio, and of the read noise meanwhile."""

    order: ClassVar[int]
    """Steps of lower order come first."""
    gains_of_columns: ClassVar[bool] = False
    """Whether each output column gets a factor of its own."""

    def __post_init__(self):
        kind = type(self).__name__
        if not isinstance(self.seconds, int | float) or not 0 < self.seconds <= 3600:
            raise InputError(f"{kind}.seconds is {self.seconds!r}; give more than 0 and at most 3600")
        if not isinstance(self.seed, int) or isinstance(self.seed, bool) or self.seed < 0:
            raise InputError(f"{kind}.seed is {self.seed!r}; give a whole number from 0")

    @property
    def name(self) -> str:
        """In tables and aliases: `column affine 20 s`."""
        return f"{self.what} {self.seconds:g} s" + (f" seed {self.seed}" if self.seed else "")

    @property
    @abstractmethod
    def what(self) -> str:
        """What is set: the name without the audio."""

    @abstractmethod
    def apply(self, device: nn.Module, digital: nn.Module, speech: Speech) -> None:
        """Calibrate a programmed model in place."""

    def expect(self, device: nn.Module) -> None:  # noqa: B027  # most steps have nothing to prepare
        """Prepare a model for the state of a calibrated one."""


@dataclass(frozen=True, kw_only=True)
class AdcRanges(CalibrationStep):
    """ADC ranges from the currents that the device gives; the number of levels stays."""

    rule: RangeRule = field(default_factory=LeastSquares)
    """What is put on the outermost level."""
    shared_by: str = "tile"
    """What has a range of its own: `layer`, `plane`, or `tile` (of each plane)."""

    order: ClassVar[int] = 0

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.rule, RangeRule):
            raise InputError(f"AdcRanges.rule is {self.rule!r}; give a rule such as memristor_sim.LeastSquares()")
        if self.shared_by not in ("layer", "plane", "tile"):
            raise InputError(f"AdcRanges.shared_by is {self.shared_by!r}; give 'layer', 'plane' or 'tile'")

    @property
    def what(self) -> str:
        """See CalibrationStep."""
        rule = "" if self.rule == LeastSquares() else f" {self.rule!r}".replace(", ", ",")
        return f"ADC ranges{rule}" + ("" if self.shared_by == "tile" else f" by {self.shared_by}")

    def apply(self, device: nn.Module, digital: nn.Module, speech: Speech) -> None:
        """See CalibrationStep."""
        from memristor_sim import fit_adc_ranges

        fit_adc_ranges(device, speech, self.rule, self.shared_by)

    def expect(self, device: nn.Module) -> None:
        """See CalibrationStep."""
        from memristor_sim.converter_fit import expect_adc_ranges

        expect_adc_ranges(device)


@dataclass(frozen=True, kw_only=True)
class ColumnAffine(CalibrationStep):
    """A gain and an offset for each output column, by least squares against the digital layer on the same inputs."""

    order: ClassVar[int] = 1
    gains_of_columns: ClassVar[bool] = True

    @property
    def what(self) -> str:
        """See CalibrationStep."""
        return "column affine"

    def apply(self, device: nn.Module, digital: nn.Module, speech: Speech) -> None:
        """See CalibrationStep."""
        from memristor_sim import calibrate_columns

        calibrate_columns(device, digital, speech)

    def expect(self, device: nn.Module) -> None:
        """See CalibrationStep."""
        from memristor_sim.column_affine import expect_columns

        expect_columns(device)


@dataclass(frozen=True, kw_only=True)
class MatchedNorms(CalibrationStep):
    """Weight and bias of each channel of a norm, so that mean and variance become those of the digital model."""

    order: ClassVar[int] = 2

    @property
    def what(self) -> str:
        """See CalibrationStep."""
        return "norms"

    def apply(self, device: nn.Module, digital: nn.Module, speech: Speech) -> None:
        """See CalibrationStep."""
        from memristor_sim import match_norms

        match_norms(device, digital, speech)


DeviceCalibration = tuple[CalibrationStep, ...]


def checked_calibration(given: CalibrationStep | Iterable[CalibrationStep], where: str) -> DeviceCalibration:
    """The steps in the order in which they run.

    :param where: the field, for messages
    :raises InputError: when something is no step, or two are of one kind
    """
    steps = (given,) if isinstance(given, CalibrationStep) else tuple(given)
    wrong = [step for step in steps if not isinstance(step, CalibrationStep)]
    if wrong:
        raise InputError(f"{where} has {wrong[0]!r}; give steps such as ColumnAffine(seconds=20)")
    steps = tuple(sorted(steps, key=lambda step: step.order))
    kinds = [type(step).__name__ for step in steps]
    twice = [kind for kind in kinds if kinds.count(kind) > 1]
    if twice:
        raise InputError(f"{where} has {twice[0]} more than once; give one of each kind")
    return steps


def calibration_name(steps: DeviceCalibration) -> str:
    """`ADC ranges 20 s + column affine 20 s`; empty for none."""
    return " + ".join(step.name for step in steps)
