"""What is quantised to how many bits, as a value; no torch here."""

import fnmatch
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from recipe.errors import InputError

WeightBits = int | tuple[tuple[str, int], ...]
Choice = int | bool | None
Changes = tuple[tuple[str, Choice], ...]


@dataclass(frozen=True, kw_only=True)
class QuantizationConfig:
    """Symmetric per-tensor quantisation of the Conformer blocks; defaults as published (docs/paper.md).

    `weight_bits` is one width, or (pattern, bits) pairs: shell-style patterns of module names such as
    "blocks.0.attention.*", the first that matches counts. `activation_bits` holds for the inputs and outputs of
    every quantised layer; `attention_operand_bits` for query, key, value and attention weights, where None takes
    the weight bits, as published. `attention_dropout` is off in quantised models, as published.
    """

    weight_bits: int | tuple[tuple[str, int], ...]
    activation_bits: int = 8
    attention_operand_bits: int | None = None
    quantize_depthwise: bool = True
    attention_dropout: bool = False

    def __post_init__(self):
        if isinstance(self.weight_bits, tuple):
            for pattern, bits in self.weight_bits:
                _check_bits(f"weight_bits for {pattern!r}", bits)
        else:
            _check_bits("weight_bits", self.weight_bits)
        _check_bits("activation_bits", self.activation_bits)
        if self.attention_operand_bits is not None:
            _check_bits("attention_operand_bits", self.attention_operand_bits)

    @property
    def planes(self) -> int:
        """Bit planes of one weight on a crossbar; of mixtures, those of the widest."""
        bits = self.weight_bits
        return (bits if isinstance(bits, int) else max(width for _, width in bits)) - 1

    def weight_bits_of(self, name: str) -> int:
        """Weight bits of the module called `name`; InputError when no pattern matches it."""
        if isinstance(self.weight_bits, int):
            return self.weight_bits
        for pattern, bits in self.weight_bits:
            if fnmatch.fnmatchcase(name, pattern):
                return bits
        raise InputError(f"QuantizationConfig.weight_bits has no pattern for {name}; end it with ('*', bits)")

    def operand_bits_of(self, name: str) -> int:
        """Bits of the attention operand called `name`."""
        return self.weight_bits_of(name) if self.attention_operand_bits is None else self.attention_operand_bits


def _check_bits(field: str, bits: int) -> None:
    if not isinstance(bits, int) or isinstance(bits, bool) or not 2 <= bits <= 16:
        raise InputError(f"QuantizationConfig.{field} is {bits!r}; give an integer from 2 to 16")


CHANGEABLE = {field.name for field in fields(QuantizationConfig)} - {"weight_bits"}


def checked_bits(weight_bits: int | Mapping[str, int] | WeightBits) -> WeightBits:
    """One bit width, or (layer-name pattern, bits) pairs; the first pattern that matches a layer counts.

    :raises InputError: below 2 bit, no integer, or an empty mapping
    """
    if isinstance(weight_bits, Mapping):
        weight_bits = tuple(weight_bits.items())
    if weight_bits == ():
        raise InputError("weight_bits is an empty mapping; give at least one (layer-name pattern: bits) entry")
    QuantizationConfig(weight_bits=weight_bits)  # checks the widths before a graph is built
    return weight_bits


def checked_changes(changes: Mapping[str, Choice] | Changes) -> Changes:
    """(field of QuantizationConfig, value) pairs, sorted.

    :raises InputError: for another field than those, or a value that it refuses
    """
    changes = tuple(sorted(dict(changes).items()))
    if not dict(changes).keys() <= CHANGEABLE:
        raise InputError(f"the changes are {dict(changes)}; name one or more of {', '.join(sorted(CHANGEABLE))}")
    QuantizationConfig(weight_bits=8, **dict(changes))
    return changes


def bits_name(weight_bits: WeightBits) -> str:
    """`4`, or for a mapping its distinct widths in order and a digest, as in `8+4.1c0e`: mappings with the same widths
    differ in their patterns."""
    if isinstance(weight_bits, int):
        return str(weight_bits)
    widths = "+".join(dict.fromkeys(str(bits) for _, bits in weight_bits))
    return f"{widths}.{hashlib.sha256(repr(weight_bits).encode()).hexdigest()[:4]}"
