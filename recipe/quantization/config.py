"""What is quantised and to how many bits, as values. Imports no torch."""

import fnmatch
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recipe.errors import InputError
from recipe.identity import state_without
from recipe.quantization.ranges import PUBLISHED_RANGE, InputRange, Lsq, WeightRange

WeightBits = int | tuple[tuple[str, int], ...]
"""One width, or (pattern, bits) pairs; see QuantizationConfig.weight_bits."""
GivenBits = WeightBits | Mapping[str, int]
"""The same as a person may write it: pairs also as a mapping."""
Choice = int | float | bool | None | WeightRange
"""Value of a field of QuantizationConfig other than `weight_bits`."""
Changes = tuple[tuple[str, Choice], ...]
"""(field name, value) pairs."""


@dataclass(frozen=True, kw_only=True)
class QuantizationConfig:
    """Symmetric quantisation of the layers that a model names.

    The defaults are the published values (docs/paper.md, Quantisation-aware training). All widths include the sign.

    :raises InputError: naming a width that is not an integer from 2 to 16, or another field that is out of range
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
    quantize_frontend: bool = False
    """Whether the model's `frontend_layers` are quantised, and go onto crossbars, as well; they stay in float32 as
    published."""
    attention_dropout: bool = False
    """Whether attention weights are dropped in training; not in quantised models, as published."""
    weight_range: WeightRange = PUBLISHED_RANGE
    """Which magnitude of a weight is put on the outermost level."""
    input_range: InputRange = PUBLISHED_RANGE
    """The same of the inputs of every quantised layer, per tensor."""
    levels: int | None = None
    """Levels of a weight, an odd number, with the least bits that hold it; None for all 2**bits - 1 of them. The bits
    say the digit planes: 3 levels (2 bits) have 1, 5 and 7 levels (3 bits) 2, 9 to 15 levels (4 bits) 3."""
    weight_dropout: float = 0.0
    """Probability with which training sets a quantised weight to 0, anew in every step, and scales up the others."""
    pruning_threshold: float = 0.0
    """Weights of a smaller magnitude are 0, before they are quantised; training still updates them."""
    tile: int | None = None
    """Side of the square blocks of each linear layer that are quantised on their own, as patterns of `weight_bits` name
    them: `blocks.0.feed_forward1.linear_out.tile_2_0` is the third block of inputs and the first of outputs. None for
    whole layers, as published."""

    def __post_init__(self):
        _check_weight_bits(self.weight_bits)
        _check_bits("activation_bits", self.activation_bits)
        if self.attention_operand_bits is not None:
            _check_bits("attention_operand_bits", self.attention_operand_bits)
        self._check_ranges()
        if not 0 <= self.weight_dropout < 1:
            raise InputError(f"QuantizationConfig.weight_dropout is {self.weight_dropout!r}; it must lie in [0, 1)")
        if not self.pruning_threshold >= 0:
            raise InputError(f"QuantizationConfig.pruning_threshold is {self.pruning_threshold!r}; give 0 or more")
        if self.tile is not None and (type(self.tile) is not int or self.tile < 1):
            raise InputError(
                f"QuantizationConfig.tile is {self.tile!r}; give the side of a block, such as 128, or None"
            )
        if self.levels is not None:
            _check_levels(self.levels, self.weight_bits)

    def _check_ranges(self) -> None:
        for name, allowed in (("weight_range", WeightRange), ("input_range", InputRange)):
            if not isinstance(getattr(self, name), allowed):
                raise InputError(f"QuantizationConfig.{name} is {getattr(self, name)!r}; give for example Lsq()")
        if self.input_range.per_column:
            raise InputError(
                "QuantizationConfig.input_range is per column, which inputs have not; give per_column=False"
            )

    def __sis_state__(self) -> dict:
        return state_without(
            self,
            quantize_frontend=False,
            weight_range=PUBLISHED_RANGE,
            input_range=PUBLISHED_RANGE,
            levels=None,
            weight_dropout=0.0,
            pruning_threshold=0.0,
            tile=None,
        )

    def check_blocks(self) -> None:
        """Refuse bits for blocks of layers that stay whole.

        :raises InputError: naming the pattern
        """
        pairs = self.weight_bits if isinstance(self.weight_bits, tuple) else ()
        of_blocks = next((pattern for pattern, _ in pairs if ".tile_" in pattern), None)
        if self.tile is None and of_blocks is not None:
            raise InputError(
                f"weight_bits has bits for blocks of layers, {of_blocks!r}, but layers are whole; add the choice "
                '{"tile": 128}'
            )

    @property
    def learns(self) -> bool:
        """Whether a range is learned in training, so that a calibration sample cannot give it."""
        return any(isinstance(one, Lsq) for one in (self.weight_range, self.input_range))

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


def _check_weight_bits(weight_bits: WeightBits) -> None:
    if not isinstance(weight_bits, tuple):
        _check_bits("weight_bits", weight_bits)
        return
    for pattern, bits in weight_bits:
        _check_bits(f"weight_bits for {pattern!r}", bits)


def _check_bits(field: str, bits: int) -> None:
    if not isinstance(bits, int) or isinstance(bits, bool) or not 2 <= bits <= 16:
        raise InputError(f"QuantizationConfig.{field} is {bits!r}; give an integer from 2 to 16")


def _check_levels(levels: int, weight_bits: WeightBits) -> None:
    if not isinstance(weight_bits, int):
        raise InputError("QuantizationConfig.levels goes with one width; leave it out of a mixture of bits")
    least, most = 2 ** (weight_bits - 1) + 1, 2**weight_bits - 1
    if not isinstance(levels, int) or levels % 2 == 0 or not least <= levels <= most:
        raise InputError(
            f"QuantizationConfig.levels is {levels!r}; with {weight_bits} bits give an odd number, {least} to {most}"
        )


CHANGEABLE = {field.name for field in fields(QuantizationConfig)} - {"weight_bits"}


def checked_bits(given: GivenBits) -> WeightBits:
    """Weight bits as a hashable value: a mapping of layer-name patterns to widths becomes (pattern, bits) pairs.

    :raises InputError: for a width that is not an integer from 2 to 16, or an empty mapping
    """
    weight_bits = _pairs(given)
    if weight_bits == ():
        raise InputError("weight_bits is an empty mapping; give at least one (layer-name pattern: bits) entry")
    _check_weight_bits(weight_bits)
    return weight_bits


def checked_changes(weight_bits: WeightBits, changes: Mapping[str, Choice] | Changes) -> Changes:
    """(field of QuantizationConfig, value) pairs, sorted by field.

    All levels that the bits hold are what they have anyway: no change.

    :param weight_bits: that they go with, as `checked_bits` returns them
    :raises InputError: for an unknown field, `weight_bits`, or a value that the field does not accept
    """
    values: dict[str, Any] = dict(sorted(dict(changes).items()))
    if not values.keys() <= CHANGEABLE:
        raise InputError(f"the changes are {values}; name one or more of {', '.join(sorted(CHANGEABLE))}")
    QuantizationConfig(weight_bits=weight_bits, **values)  # checks the values
    if isinstance(weight_bits, int) and values.get("levels") == 2**weight_bits - 1:
        del values["levels"]
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
