"""Fake-quantised layers, the same for training (QAT) and after training (PTQ).

Both carry the protocol by which `memristor_sim` reads a layer: `integer_weight()`, `weight_scale`, `weight_bits`,
`input_range`, `bias` and `output_quantizer`.
"""

import torch
from torch import nn

from recipe.acoustic_model.conformer import conv1d
from recipe.quantization.fake_quant import FakeQuantize


class _QuantizedLayer(nn.Module):
    """Weight, bias and the three quantisers around a linear operation; bias stays in full precision."""

    def __init__(self, layer: nn.Module, weight_bits: int, activation_bits: int):
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.input_quantizer = FakeQuantize(activation_bits)
        self.weight_quantizer = FakeQuantize(weight_bits)
        self.output_quantizer = FakeQuantize(activation_bits)

    def integer_weight(self) -> torch.Tensor:
        """int32 levels of the weight, |level| <= 2**(bits-1) - 1, in the shape of `weight`."""
        return self.weight_quantizer.integers(self.weight)

    @property
    def weight_bits(self) -> int:
        """Bits of the weight, sign included."""
        return self.weight_quantizer.bits

    @property
    def weight_scale(self) -> float:
        """Weight per integer level."""
        return float(self.weight_quantizer.scale)

    @property
    def input_range(self) -> float:
        """Largest input magnitude seen in training or calibration."""
        return float(self.input_quantizer.range)


class QuantizedLinear(_QuantizedLayer):
    """nn.Linear with fake-quantised input, weight and output: [..., I] -> [..., O]."""

    def __init__(self, linear: nn.Linear, weight_bits: int, activation_bits: int):
        super().__init__(linear, weight_bits, activation_bits)
        self.in_features, self.out_features = linear.in_features, linear.out_features

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = nn.functional.linear(self.input_quantizer(x), self.weight_quantizer(self.weight), self.bias)
        return self.output_quantizer(y)


class QuantizedConv1d(_QuantizedLayer):
    """nn.Conv1d with fake-quantised input, weight and output: [B, I, T] -> [B, O, T']."""

    def __init__(self, conv: nn.Conv1d, weight_bits: int, activation_bits: int):
        super().__init__(conv, weight_bits, activation_bits)
        self.in_channels, self.out_channels, self.kernel_size = conv.in_channels, conv.out_channels, conv.kernel_size
        self.stride, self.padding, self.dilation, self.groups = conv.stride, conv.padding, conv.dilation, conv.groups

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = conv1d(self.input_quantizer(x), self.weight_quantizer(self.weight), self.bias, self)
        return self.output_quantizer(y)
