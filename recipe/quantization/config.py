"""What is quantised to how many bits, as a value; no torch here."""

import fnmatch
from dataclasses import dataclass

from recipe.errors import InputError


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
