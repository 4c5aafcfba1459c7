"""Systems as values: what is recognised with, not how. A graph is a function of a Setup and a list of these."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from memristor_sim.hardware import Hardware
from recipe.errors import InputError
from recipe.quantization.config import QuantizationConfig

WeightBits = int | tuple[tuple[str, int], ...]
Changes = tuple[tuple[str, int | bool | None], ...]


def checked_bits(weight_bits: int | Mapping[str, int] | WeightBits) -> WeightBits:
    """One bit width, or (layer-name pattern, bits) pairs; the first pattern that fits a layer counts.

    :raises InputError: below 2 bit, no integer, or an empty mapping
    """
    if isinstance(weight_bits, Mapping):
        weight_bits = tuple(weight_bits.items())
    if weight_bits == ():
        raise InputError("weight_bits is an empty mapping; give at least one (layer-name pattern: bits) entry")
    QuantizationConfig(weight_bits=weight_bits)  # its check of the widths, before a graph is built
    return weight_bits


def bits_name(weight_bits: WeightBits) -> str:
    """`4`, or for a mapping its distinct widths in order and a digest of it, as in `8+4.1c0e`: mappings differ in more
    than their widths."""
    if isinstance(weight_bits, int):
        return str(weight_bits)
    widths = "+".join(dict.fromkeys(str(bits) for _, bits in weight_bits))
    return f"{widths}.{hashlib.sha256(repr(weight_bits).encode()).hexdigest()[:4]}"


@dataclass(frozen=True)
class Float:
    """The model in float32."""

    @property
    def name(self) -> str:
        return "float"


@dataclass(frozen=True)
class Ptq:
    """The float model, quantised after training on a sample (docs/paper.md, Post-training quantisation)."""

    weight_bits: WeightBits

    def __post_init__(self):
        object.__setattr__(self, "weight_bits", checked_bits(self.weight_bits))

    @property
    def name(self) -> str:
        return f"ptq-{bits_name(self.weight_bits)}"


@dataclass(frozen=True)
class Qat:
    """A model trained with fake quantisation from the first step, executed digitally."""

    weight_bits: WeightBits

    def __post_init__(self):
        object.__setattr__(self, "weight_bits", checked_bits(self.weight_bits))

    @property
    def name(self) -> str:
        return f"qat-{bits_name(self.weight_bits)}"


def checked_changes(changes: Mapping[str, int | bool | None] | Changes) -> Changes:
    """(field of QuantizationConfig, value) pairs, sorted.

    :raises InputError: none, or another field than those, or a value that it refuses
    """
    changes = tuple(sorted(dict(changes).items()))
    if not changes or not dict(changes).keys() <= CHANGEABLE:
        raise InputError(f"the changes are {dict(changes)}; name one or more of {', '.join(sorted(CHANGEABLE))}")
    QuantizationConfig(weight_bits=8, **dict(changes))
    return changes


CHANGEABLE = {field.name for field in fields(QuantizationConfig)} - {"weight_bits"}


@dataclass(frozen=True)
class PtqWith(Ptq):
    """PTQ with other choices than the setup's: `PtqWith(4, {"quantize_depthwise": False})`."""

    changes: Changes = ()

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "changes", checked_changes(self.changes))

    @property
    def name(self) -> str:
        return f"{super().name}.{changes_name(self.changes)}"


@dataclass(frozen=True)
class QatWith(Qat):
    """QAT with other choices than the setup's: `QatWith(4, {"attention_operand_bits": 8})`."""

    changes: Changes = ()

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "changes", checked_changes(self.changes))

    @property
    def name(self) -> str:
        return f"{super().name}.{changes_name(self.changes)}"


def changes_name(changes: Changes) -> str:
    """`attention_operand_bits=8`, more of them apart by commas."""
    return ",".join(f"{field}={value}" for field, value in changes)


@dataclass(frozen=True)
class Memristor:
    """The QAT model of the same bits, programmed onto the device of one seed.

    `preset` names the hardware in tables and enters no job: jobs hash the hardware values themselves.
    """

    weight_bits: WeightBits
    device_seed: int
    hardware: Hardware
    preset: str = "physical"

    def __post_init__(self):
        object.__setattr__(self, "weight_bits", checked_bits(self.weight_bits))
        if self.device_seed < 0:
            raise InputError(f"device_seed is {self.device_seed}; give a number from 0")

    @property
    def name(self) -> str:
        return f"memristor-{bits_name(self.weight_bits)}/{self.preset}/device-{self.device_seed}"

    @property
    def digital(self) -> Qat:
        """The trained model that the device is programmed with."""
        return Qat(self.weight_bits)


System = Float | Ptq | Qat | Memristor


def row_name(system: System) -> str:
    """What tells systems of one kind apart in a table: `4`, `8+4.1c0e`, `4 attention_operand_bits=8`; 32 for float."""
    if isinstance(system, Float):
        return "32"
    changes = changes_name(getattr(system, "changes", ()))
    return " ".join(filter(None, [bits_name(system.weight_bits), changes]))
