"""Systems as values: what is recognised with. A graph is a function of a Setup and a list of these.

Each system answers for itself: what it is derived from, which checkpoints, which scales, which seed. Nobody asks for
its class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, TypeGuard, cast

from memristor_sim.hardware import Hardware
from recipe.errors import InputError
from recipe.hardware.calibration import CalibrationStep, DeviceCalibration, calibration_name, checked_calibration
from recipe.identity import state_without
from recipe.names import checked_name
from recipe.quantization.config import (
    Changes,
    Choice,
    GivenBits,
    QuantizationConfig,
    bits_name,
    checked_bits,
    checked_changes,
    quantization_of,
)
from recipe.training.checkpoints import LAST_CHECKPOINT, Checkpoint
from recipe.training.options import Distil, Noise

if TYPE_CHECKING:
    from recipe.setup import ScaleGrid, Setup


SCALE_MODES = ("tuned", "fixed")
"""Ways to set LM and prior scale: `tuned` on dev, and the published `fixed` pair."""


def _checked_seed(training_seed: int | None) -> None:
    """:raises InputError: when it is none"""
    if training_seed is not None and (not isinstance(training_seed, int) or training_seed < 0):
        raise InputError(f"training_seed is {training_seed!r}; give a whole number from 0, or None for the setup's")


def _seeded(name: str, training_seed: int | None) -> str:
    """The name of a system with its training: `qat-3.seed-2`."""
    return name if training_seed is None else f"{name}.seed-{training_seed}"


class _Answers:
    """What most systems answer."""

    kind: ClassVar[str]
    """In tables: `float`, `PTQ`, `QAT`, `memristor`."""
    scale_modes: ClassVar[tuple[str, ...]] = ("tuned",)
    """Which pairs of LM and prior scale it is searched with: `tuned` on dev, and the published `fixed` pair."""
    hardware: Hardware | None = None
    """What it is programmed onto; None for a digital system."""
    read_noise_seed: int = 0
    """Of the noise in its emissions."""

    def checkpoints(self, setup: Setup) -> tuple[Checkpoint, ...]:
        """Those of its training that it is recognised with; of several the best on dev counts."""
        return (LAST_CHECKPOINT,)

    @property
    def starts_from(self) -> DigitalSystem | None:
        """The system whose trained model its own training starts from; None for new weights."""
        return None

    @property
    def learns_from(self) -> Float | None:
        """The system that its training distils; None for none."""
        return None

    def calibrated(self, setup: Setup) -> QuantizationConfig | None:
        """What is quantised after training, with ranges from a calibration sample; None for nothing."""
        return None

    def scale_grid(self, setup: Setup) -> ScaleGrid:
        """The grid that its LM and prior scales are tuned on."""
        return setup.scale_grid

    def tuned_near(self, setup: Setup) -> System | None:
        """The system from whose scales its own are searched downhill; None when it tries the whole grid."""
        return None

    def tuned_by(self, setup: Setup) -> System | None:
        """The system whose tuned scales it takes over; None when it has its own."""
        return None


@dataclass(frozen=True)
class Float(_Answers):
    """The model in float32."""

    training_seed: int | None = field(default=None, kw_only=True)
    """Of a further training; None trains with the setup's seed."""

    kind: ClassVar[str] = "float"
    row: ClassVar[str] = "32"

    def __post_init__(self):
        _checked_seed(self.training_seed)

    def __sis_state__(self) -> dict:
        return state_without(self, training_seed=None)

    @property
    def name(self) -> str:
        """In aliases and outputs: `float`, `float.seed-2`."""
        return _seeded("float", self.training_seed)

    @property
    def trained(self) -> Float:
        """The system whose training this one uses."""
        return self

    def quantization(self, setup: Setup) -> None:
        """None: nothing is quantised."""

    def checkpoints(self, setup: Setup) -> tuple[Checkpoint, ...]:
        """All that the setup tries."""
        return setup.checkpoints


@dataclass(frozen=True)
class _Quantised(_Answers):
    """Bits, and choices other than the setup's: `Qat(4, {"attention_operand_bits": 8})`."""

    weight_bits: GivenBits
    """One width, or a mapping of layer-name patterns to widths, which is kept as pairs."""
    changes: Mapping[str, Choice] | Changes = ()
    """Fields of QuantizationConfig that differ from the setup's choices; kept as pairs."""
    training_seed: int | None = field(default=None, kw_only=True)
    """Of a further training; None trains with the setup's seed. No part of `row`: trainings of a width are one row."""

    def __post_init__(self):
        _checked_seed(self.training_seed)
        weight_bits = checked_bits(self.weight_bits)
        object.__setattr__(self, "weight_bits", weight_bits)
        object.__setattr__(self, "changes", checked_changes(weight_bits, self.changes))

    def __sis_state__(self) -> dict:
        return state_without(self, changes=(), training_seed=None)

    @property
    def name(self) -> str:
        """In aliases and outputs: `qat-4`, `qat-4.attention_operand_bits=8`, `qat-4.seed-2`."""
        model = ".".join(filter(None, [f"{self.kind.lower()}-{bits_name(self.weight_bits)}", self._changes_name]))
        return _seeded(model, self.training_seed)

    @property
    def row(self) -> str:
        """What distinguishes systems of one kind in a table: `4`, `8+4.1c0e`, `4 attention_operand_bits=8`."""
        return " ".join(filter(None, [bits_name(self.weight_bits), self._changes_name]))

    @property
    def _changes_name(self) -> str:
        return ",".join(f"{field}={value}" for field, value in dict(self.changes).items())

    def _quantization(self, choices: Changes) -> QuantizationConfig:
        config = quantization_of(self.weight_bits, dict(choices) | dict(self.changes))
        config.check_blocks()
        return config


@dataclass(frozen=True)
class Ptq(_Quantised):
    """The float model, quantised after training from a calibration sample (arXiv 2505.24721, Table 2)."""

    kind: ClassVar[str] = "PTQ"

    def __post_init__(self):
        super().__post_init__()
        if quantization_of(self.weight_bits, dict(self.changes)).learns:
            raise InputError(
                f"{self.name} has a range that training learns; give Ptq RunningMaximum, SigmaClip or MseClip"
            )

    @property
    def trained(self) -> Float:
        """The system whose training this one uses."""
        return Float(training_seed=self.training_seed)

    def quantization(self, setup: Setup) -> QuantizationConfig:
        """Bits and all choices."""
        return self._quantization(setup.ptq_choices)

    def calibrated(self, setup: Setup) -> QuantizationConfig:
        """All of it."""
        return self.quantization(setup)

    def scale_grid(self, setup: Setup) -> ScaleGrid:
        """Its own, where the setup has one."""
        return setup.ptq_scale_grid or setup.scale_grid


@dataclass(frozen=True)
class Qat(_Quantised):
    """A model trained with fake quantisation from the first step, executed digitally.

    :raises InputError: for a training seed in `start`, or a share of the epochs that is none
    """

    start: Float | None = field(default=None, kw_only=True)
    """`Float()`: training starts from the float model with the same training seed."""
    distil: Distil | None = field(default=None, kw_only=True)
    """It learns from that float model as well."""
    noise: Noise | None = field(default=None, kw_only=True)
    """On its weights in training."""
    fine_tune: float | None = field(default=None, kw_only=True)
    """Share of the epochs: it starts from the same system without noise, and trains for so long at a fifth of the
    rates."""

    kind: ClassVar[str] = "QAT"

    def __post_init__(self):
        super().__post_init__()
        if self.start is not None and self.start.training_seed is not None:
            raise InputError(f"Qat.start is {self.start}; give Float(), the seed is that of the Qat")
        if self.fine_tune is not None and not 0 < self.fine_tune <= 1:
            raise InputError(f"Qat.fine_tune is {self.fine_tune!r}; give a share of the epochs, more than 0, at most 1")
        if self.fine_tune is not None and self.noise is None:
            raise InputError("Qat.fine_tune trains with noise what was trained without; give Qat.noise as well")

    def __sis_state__(self) -> dict:
        state = super().__sis_state__()
        return {name: value for name, value in state.items() if name not in _OPTIONS or value is not None}

    @property
    def _changes_name(self) -> str:
        options = {name: getattr(self, name) for name in _OPTIONS}
        said = (f"{name}={_said(value)}" for name, value in options.items() if value is not None)
        return ",".join(filter(None, [super()._changes_name, *said]))

    @property
    def starts_from(self) -> DigitalSystem | None:
        """See _Answers."""
        if self.fine_tune is not None:
            return replace(self, noise=None, fine_tune=None)
        return None if self.start is None else Float(training_seed=self.training_seed)

    @property
    def learns_from(self) -> Float | None:
        """See _Answers."""
        return None if self.distil is None else Float(training_seed=self.training_seed)

    @property
    def trained(self) -> Qat:
        """The system whose training this one uses."""
        return self

    def quantization(self, setup: Setup) -> QuantizationConfig:
        """Bits and all choices."""
        return self._quantization(setup.qat_choices)

    def checkpoints(self, setup: Setup) -> tuple[Checkpoint, ...]:
        """All that the setup tries."""
        return setup.checkpoints


_OPTIONS = ("start", "distil", "noise", "fine_tune")
"""Of the training of a Qat."""


def _said(value: object) -> str:
    """An option in a name."""
    return "float" if isinstance(value, Float) else f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Memristor(_Answers):
    """The QAT model of the same bits, programmed onto the device of one seed."""

    weight_bits: GivenBits
    """One width, or a mapping of layer-name patterns to widths, which is kept as pairs."""
    device_seed: int
    """Which device; the same seed gives the same device."""
    hardware: Hardware
    """Cells, converters, tiles, noise."""
    preset: str = "physical"
    """Names the hardware in tables and enters no job: jobs hash the hardware values themselves."""
    training_seed: int | None = field(default=None, kw_only=True)
    """Of the QAT model's training; None is the one with the setup's seed."""
    scale_modes: tuple[str, ...] = field(default=SCALE_MODES, kw_only=True)  # type: ignore[misc]
    """As for all systems; `("fixed",)` is what the paper reports."""
    calibration: CalibrationStep | DeviceCalibration = field(default=(), kw_only=True)
    """What is set after programming from unlabelled audio; kept as a tuple in the order of the steps."""
    age_s: InitVar[float | None] = field(default=None, kw_only=True)
    """Time from writing to reading, which enters `hardware`: what it changes is Hardware.drift."""
    qat: Qat | None = field(default=None, kw_only=True)
    """The model, where it is not trained as published; see `device_of`. Its bits and seed are those given above."""

    kind: ClassVar[str] = "memristor"

    def __post_init__(self, age_s: float | None):
        if not self.scale_modes or not set(self.scale_modes) <= set(SCALE_MODES):
            raise InputError(f"Memristor.scale_modes is {self.scale_modes!r}; give one or both of {SCALE_MODES}")
        object.__setattr__(self, "weight_bits", checked_bits(self.weight_bits))
        _checked_seed(self.training_seed)
        checked_name(self.preset, "the preset", f"Memristor.preset of {bits_name(self.weight_bits)} bits", spaces=True)
        object.__setattr__(self, "calibration", checked_calibration(self.calibration, "Memristor.calibration"))
        if age_s is not None:
            object.__setattr__(self, "hardware", replace(self.hardware, age_s=age_s))
        checked_name(self.condition, "the calibrated preset", f"Memristor.calibration of {self.preset}", spaces=True)
        if self.hardware.quantisation.adc is not None:
            raise InputError(
                "Memristor.hardware.quantisation.adc needs the device's own currents; leave it out and give "
                f"Memristor(calibration=AdcRanges(rule={self.hardware.quantisation.adc}))"
            )
        if self.device_seed < 0:
            raise InputError(f"device_seed is {self.device_seed}; give a number from 0")
        self._check_model()

    def _check_model(self) -> None:
        if self.qat is None:
            return
        if (self.qat.weight_bits, self.qat.training_seed) != (self.weight_bits, self.training_seed):
            raise InputError(f"Memristor.qat is {self.qat.name} for other bits or another training; use device_of()")
        if self.qat == Qat(self.weight_bits, training_seed=self.training_seed):  # one device has one name and one id
            object.__setattr__(self, "qat", None)

    def __sis_state__(self) -> dict:
        return state_without(self, training_seed=None, scale_modes=SCALE_MODES, calibration=(), qat=None)

    @property
    def calibration_steps(self) -> DeviceCalibration:
        """`calibration`, as it is kept."""
        return cast(DeviceCalibration, self.calibration)

    @property
    def hardware_name(self) -> str:
        """Preset and age: `physical`, `physical + aged 86400 s`."""
        return self.preset + (f" + aged {self.hardware.age_s:.10g} s" if self.hardware.age_s else "")

    @property
    def condition(self) -> str:
        """Preset, age and calibration, a device's rows in tables: `physical + aged 3600 s + column affine 20 s`."""
        return " + ".join(filter(None, (self.hardware_name, calibration_name(self.calibration_steps))))

    @property
    def name(self) -> str:
        """In aliases and outputs: `memristor-4/physical/device-1`, `memristor-4.seed-2/physical/device-1`."""
        return f"memristor{self.digital.name.removeprefix('qat')}/{self.condition}/device-{self.device_seed}"

    @property
    def row(self) -> str:
        """What distinguishes rows of one preset in a table: `4`, `8+4.1c0e`, as those of its digital model."""
        return self.digital.row

    @property
    def digital(self) -> Qat:
        """The trained model that the device is programmed with."""
        return self.qat or Qat(self.weight_bits, training_seed=self.training_seed)

    @property
    def trained(self) -> Qat:
        """The system whose training this one uses."""
        return self.digital

    @property
    def read_noise_seed(self) -> int:  # type: ignore[override]
        """That of the device."""
        return self.device_seed

    def quantization(self, setup: Setup) -> QuantizationConfig:
        """Bits and all choices."""
        return self.digital.quantization(setup)

    def tuned_near(self, setup: Setup) -> Qat | None:
        """Its digital model, if devices walk."""
        return self.digital if setup.scale_grid.devices == "walk" else None

    def tuned_by(self, setup: Setup) -> Qat | None:
        """Its digital model, if the setup says so."""
        return self.digital if setup.scale_grid.devices == "digital" else None


def device_of(qat: Qat, device_seed: int, hardware: Hardware, preset: str = "physical", **more) -> Memristor:
    """A model of any training on a device.

    :param more: other fields of Memristor
    """
    return Memristor(qat.weight_bits, device_seed, hardware, preset, training_seed=qat.training_seed, qat=qat, **more)


DigitalSystem = Float | Ptq | Qat
System = DigitalSystem | Memristor


def is_device(system: System) -> TypeGuard[Memristor]:
    """Whether a system is a programmed device."""
    return isinstance(system, Memristor)
