"""What is quantised and to how many bits, as values. Imports no torch."""

import fnmatch
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recipe.errors import InputError

WeightBits = int | tuple[tuple[str, int], ...]
"""One width, or (pattern, bits) pairs; see QuantizationConfig.weight_bits."""
GivenBits = WeightBits | Mapping[str, int]
"""The same as a person may write it: pairs also as a mapping."""
Choice = int | bool | None
"""Value of a field of QuantizationConfig other than `weight_bits`."""
Changes = tuple[tuple[str, Choice], ...]
"""(field name, value) pairs."""


@dataclass(frozen=True, kw_only=True)
class QuantizationConfig:
    """Symmetric per-tensor quantisation of the layers that a model names.

    The defaults are the published values (docs/paper.md, Quantisation-aware training). All widths include the sign.

    :raises InputError: naming a width that is not an integer from 2 to 16
    """

    weight_bits: int | tuple[tuple[str, int], ...]
    """One width, or (pattern, bits) pairs: shell-style patterns of module names such as "blocks.0.attention.*".
    The first match applies."""
    activation_bits: int = 8
    """Width of the inputs and outputs of every quantised layer."""
    attention_operand_bits: int | None = None
    """Width of query, key, value and attention weights; None for the weight bits of the layer, as published."""
    quantize_depthwise: bool = True
    """Whether one-dimensional convolutions are quantised as well."""
    attention_dropout: bool = False
    """Whether attention weights are dropped in training; not in quantised models, as published."""

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
        """Bit planes of one weight on a crossbar, one per magnitude bit; in a mixture, those of the widest weights."""
        bits = self.weight_bits
        return (bits if isinstance(bits, int) else max(width for _, width in bits)) - 1

    def weight_bits_of(self, name: str) -> int:
        """Weight bits of the module called `name`.

        :raises InputError: when no pattern matches it
        """
        if isinstance(self.weight_bits, int):
            return self.weight_bits
        for pattern, bits in self.weight_bits:
            if fnmatch.fnmatchcase(name, pattern):
                return bits
        raise InputError(f"QuantizationConfig.weight_bits has no pattern for {name}; end it with ('*', bits)")

    def operand_bits_of(self, name: str) -> int:
        """Bits of the attention operand called `name`.

        :raises InputError: when they are the weight bits and no pattern matches it
        """
        return self.weight_bits_of(name) if self.attention_operand_bits is None else self.attention_operand_bits


def _check_bits(field: str, bits: int) -> None:
    if not isinstance(bits, int) or isinstance(bits, bool) or not 2 <= bits <= 16:
        raise InputError(f"QuantizationConfig.{field} is {bits!r}; give an integer from 2 to 16")


CHANGEABLE = {field.name for field in fields(QuantizationConfig)} - {"weight_bits"}


def checked_bits(given: GivenBits) -> WeightBits:
    """Weight bits as a hashable value: a mapping of layer-name patterns to widths becomes (pattern, bits) pairs.

    :raises InputError: for a width that is not an integer from 2 to 16, or an empty mapping
    """
    weight_bits = _pairs(given)
    if weight_bits == ():
        raise InputError("weight_bits is an empty mapping; give at least one (layer-name pattern: bits) entry")
    QuantizationConfig(weight_bits=weight_bits)  # checks the widths
    return weight_bits


def checked_changes(changes: Mapping[str, Choice] | Changes) -> Changes:
    """(field of QuantizationConfig, value) pairs, sorted by field.

    :raises InputError: for an unknown field, `weight_bits`, or a value that the field does not accept
    """
    values: dict[str, Any] = dict(sorted(dict(changes).items()))
    if not values.keys() <= CHANGEABLE:
        raise InputError(f"the changes are {values}; name one or more of {', '.join(sorted(CHANGEABLE))}")
    QuantizationConfig(weight_bits=8, **values)  # checks the values
    return tuple(values.items())


def quantization_of(weight_bits: GivenBits, choices: Mapping[str, Any]) -> QuantizationConfig:
    """The configuration with these bits and other fields."""
    return QuantizationConfig(weight_bits=_pairs(weight_bits), **choices)


def _pairs(weight_bits: GivenBits) -> WeightBits:
    return tuple(weight_bits.items()) if isinstance(weight_bits, Mapping) else weight_bits


def bits_name(weight_bits: GivenBits) -> str:
    """Short name for tables and outputs: `4`, or for a mixture its distinct widths in order and a digest, `8+4.1c0e`.

    The digest tells apart mixtures with the same widths and different patterns.
    """
    weight_bits = _pairs(weight_bits)
    if isinstance(weight_bits, int):
        return str(weight_bits)
    widths = "+".join(dict.fromkeys(str(bits) for _, bits in weight_bits))
    return f"{widths}.{hashlib.sha256(repr(weight_bits).encode()).hexdigest()[:4]}"
