"""Integer weights of a layer: its own when it is fake-quantised, else min-max quantised here."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

import numpy as np
import torch
from torch import nn

from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import check_weight


@dataclass(frozen=True, kw_only=True)
class IntegerWeight:
    """The weight of a layer as integers."""

    integers: np.ndarray
    """In the shape of the layer's weight; times `scale` they are its values."""
    scale: float
    bits: int


class FakeQuantised(Protocol):
    """A fake-quantised layer, recognised by its members. A convolution also has those of nn.Conv1d or nn.Conv2d."""

    weight: torch.Tensor
    bias: torch.Tensor | None
    weight_bits: int
    weight_scale: torch.Tensor | float
    """Value of one integer step."""
    input_range: torch.Tensor | float
    """The input that drives full scale."""
    output_quantizer: nn.Module

    def integer_weight(self) -> torch.Tensor:
        """Integers in the shape of `weight`."""
        ...


class FakeQuantisedRecurrent(Protocol):
    """A fake-quantised LSTM or GRU, recognised by its members; it also has those of nn.LSTM that say its shape."""

    recurrent_cell: str
    """`lstm` or `gru`."""
    input_range: torch.Tensor | float
    """The input that drives full scale."""
    output_quantizer: nn.Module

    def quantized_part(self, part: str) -> Any:
        """The weight of a part such as `ih_l0`, with `weight`, `weight_bits`, `weight_scale` and `integer_weight()`."""
        ...


def is_fake_quantised(layer: Any) -> TypeGuard[FakeQuantised]:
    """Whether the layer brings its own integers."""
    return callable(getattr(layer, "integer_weight", None)) or is_fake_quantised_recurrent(layer)


def is_fake_quantised_recurrent(layer: Any) -> TypeGuard[FakeQuantisedRecurrent]:
    """Whether it is a recurrent layer that brings its own integers."""
    return callable(getattr(layer, "quantized_part", None))


def weight_bits(layer: Any, hardware: Hardware) -> int:
    """Bits of the layer's weight: its own if it is fake-quantised, else those of the hardware."""
    return layer.weight_bits if is_fake_quantised(layer) else hardware.weight_bits


def integer_weight(name: str, layer: Any, hardware: Hardware) -> IntegerWeight:
    """The integers that are programmed for a layer.

    :param name: of the layer, for messages.
    :param layer: fake-quantised, or anything with a `weight`.
    :raises MemristorError: the integers do not fit their bits, or the weight is not finite.
    """
    if not is_fake_quantised(layer):
        return min_max_quantised(name, layer.weight, hardware.weight_bits)
    integers = layer.integer_weight().detach().cpu().numpy()
    check_weight(integers, layer.weight_bits, name)
    return IntegerWeight(integers=integers, scale=float(layer.weight_scale), bits=layer.weight_bits)


def min_max_quantised(name: str, weight: torch.Tensor, bits: int) -> IntegerWeight:
    """Quantise symmetrically and per tensor, with the largest magnitude on the outermost level.

    :raises MemristorError: the weight is not finite.
    """
    largest = weight.detach().abs().max().item()
    if not np.isfinite(largest):
        raise MemristorError(f"The weight of layer {name!r} has NaN or infinite values: give a trained model.")
    scale = largest / (2 ** (bits - 1) - 1) or 1.0
    integers = torch.round(weight.detach().double() / scale).to(torch.int32).cpu().numpy()
    return IntegerWeight(integers=integers, scale=scale, bits=bits)
