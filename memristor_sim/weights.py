"""Integer weights of a layer: its own when it is fake-quantised, else min-max quantised here."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import check_weight


@dataclass(frozen=True, kw_only=True)
class IntegerWeight:
    """:param integers: the shape of the layer's weight; times `scale` they are its values."""

    integers: np.ndarray
    scale: float
    bits: int


def is_fake_quantised(layer: nn.Module) -> bool:
    return callable(getattr(layer, "integer_weight", None))


def weight_bits(layer: nn.Module, hardware: Hardware) -> int:
    return layer.weight_bits if is_fake_quantised(layer) else hardware.weight_bits


def integer_weight(name: str, layer: nn.Module, hardware: Hardware) -> IntegerWeight:
    """:raises MemristorError: the layer's integers do not fit its bits."""
    if not is_fake_quantised(layer):
        return min_max_quantised(name, layer.weight, hardware.weight_bits)
    integers = layer.integer_weight().detach().cpu().numpy()
    check_weight(integers, layer.weight_bits, name)
    return IntegerWeight(integers=integers, scale=float(layer.weight_scale), bits=layer.weight_bits)


def min_max_quantised(name: str, weight: torch.Tensor, bits: int) -> IntegerWeight:
    """Symmetric, per tensor, the largest magnitude on the outermost level.

    :raises MemristorError: the weight is not finite.
    """
    largest = weight.detach().abs().max().item()
    if not np.isfinite(largest):
        raise MemristorError(f"The weight of layer {name!r} has NaN or infinite values: give a trained model.")
    scale = largest / (2 ** (bits - 1) - 1) or 1.0
    integers = torch.round(weight.detach().double() / scale).to(torch.int32).cpu().numpy()
    return IntegerWeight(integers=integers, scale=scale, bits=bits)
