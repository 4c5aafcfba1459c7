"""Integer weights of a layer: its own when it is fake-quantised, else min-max quantised here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

import numpy as np
import torch
from torch import nn

from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import check_weight
from memristor_sim.quantisation import Largest, Quantisation
from memristor_sim.ranges import fitted_range

if TYPE_CHECKING:
    from memristor_sim.parts import Part


@dataclass(frozen=True, kw_only=True)
class IntegerWeight:
    """The weight of a layer as integers."""

    integers: np.ndarray
    """In the shape of the layer's weight; times `scale` they are its values."""
    scale: float | torch.Tensor
    """Of the tensor, or of each column, float64 [groups, columns]."""
    bits: int


class FakeQuantised(Protocol):
    """A fake-quantised layer, recognised by its members. A convolution also has those of nn.Conv1d or nn.Conv2d."""

    weight: torch.Tensor
    bias: torch.Tensor | None
    weight_bits: int
    weight_scale: torch.Tensor | float
    """Value of one integer step: of the tensor, or of each output, [outputs]."""
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
    scales = has_column_scales(layer, hardware)
    scale = torch.as_tensor(layer.weight_scale).detach().double().cpu() if scales else float(layer.weight_scale)
    return IntegerWeight(integers=integers, scale=scale, bits=layer.weight_bits)


def has_column_scales(layer: Any, hardware: Hardware) -> bool:
    """Whether the layer's weight has a scale for each output: its own if it is fake-quantised, else by the hardware."""
    if not is_fake_quantised(layer):
        return hardware.quantisation.per_column
    return isinstance(layer.weight_scale, torch.Tensor) and layer.weight_scale.numel() > 1


def integer_matrix(name: str, part: Part, hardware: Hardware) -> IntegerWeight:
    """Like `integer_weight`, of a part and in its layout, [groups, rows, columns], by the rules of the hardware."""
    carrier, to_matrix = part.carrier, part.layout.to_matrix
    if is_fake_quantised(carrier):
        found = integer_weight(name, carrier, hardware)
        integers = to_matrix(torch.from_numpy(found.integers)).numpy()
        if isinstance(found.scale, torch.Tensor):
            found = replace(found, scale=found.scale.view(len(integers), -1))
        return replace(found, integers=integers)
    return quantised(name, to_matrix(carrier.weight.detach()), hardware.weight_bits, hardware.quantisation)


def quantised(name: str, matrix: torch.Tensor, bits: int, rules: Quantisation) -> IntegerWeight:
    """Quantise symmetrically, per tensor or per column. Of a column without weights, the scale is 0.

    :param matrix: [groups, rows, columns].
    :raises MemristorError: the weight is not finite.
    """
    if not rules.per_column and rules.weights == Largest():
        return min_max_quantised(name, matrix, bits)
    _require_finite(name, matrix)
    levels = 2 ** (bits - 1) - 1
    matrix = matrix.double()
    values = matrix.transpose(1, 2) if rules.per_column else matrix.flatten()
    scale = fitted_range(values, rules.weights, levels) / levels  # [groups, columns] or []
    step = torch.where(scale > 0, scale, 1.0)
    step = step[:, None] if rules.per_column else step
    integers = torch.round(matrix / step).clamp_(-levels, levels).to(torch.int32).cpu().numpy()
    return IntegerWeight(integers=integers, scale=scale.cpu() if rules.per_column else float(scale), bits=bits)


def _require_finite(name: str, weight: torch.Tensor) -> None:
    if not bool(torch.isfinite(weight).all()):
        raise MemristorError(f"The weight of layer {name!r} has NaN or infinite values: give a trained model.")


def min_max_quantised(name: str, weight: torch.Tensor, bits: int) -> IntegerWeight:
    """Quantise symmetrically and per tensor, with the largest magnitude on the outermost level.

    :raises MemristorError: the weight is not finite.
    """
    _require_finite(name, weight)
    scale = weight.detach().abs().max().item() / (2 ** (bits - 1) - 1)  # 0 of a weight without values, which computes 0
    integers = torch.round(weight.detach().double() / (scale or 1.0)).to(torch.int32).cpu().numpy()
    return IntegerWeight(integers=integers, scale=scale, bits=bits)
