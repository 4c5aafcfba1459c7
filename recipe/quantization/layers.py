"""Fake-quantised layers for quantisation-aware training (QAT) and post-training quantisation (PTQ).

All of them have the attributes through which `memristor_sim` reads a layer: `integer_weight()`, `weight_scale`,
`weight_bits`, `input_range`, `bias` and `output_quantizer`. A recurrent layer has several weights, each a
`quantized_part`.
"""

from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from recipe.errors import InputError
from recipe.models.convolution import conv1d
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.weight_quant import input_quantizer, weight_quantizer


class _QuantizedLayer(nn.Module):
    """Weight, bias and the quantisers of input, weight and output. The bias stays in float32."""

    def __init__(
        self,
        layer: nn.Linear | nn.Conv1d | nn.Conv2d,
        weight_bits: int,
        activation_bits: int,
        choices: QuantizationConfig | None = None,
    ):
        """
        :param layer: whose weight and bias are taken over, not copied
        :param weight_bits: width of the weight, sign included
        :param activation_bits: width of input and output, sign included
        :param choices: the rules for ranges, and what else is done to weights; None for those published
        """
        super().__init__()
        self.weight, self.bias = layer.weight, layer.bias
        self.input_quantizer = input_quantizer(activation_bits, choices)
        self.weight_quantizer = weight_quantizer(weight_bits, layer.weight, choices)
        self.output_quantizer = FakeQuantize(activation_bits)

    def integer_weight(self) -> torch.Tensor:
        """The weight as integers |level| <= 2**(bits-1) - 1; int32 in the shape of `weight`."""
        return self.weight_quantizer.integers(self.weight)

    @property
    def weight_bits(self) -> int:
        """Width of the weight, sign included."""
        return self.weight_quantizer.bits

    @property
    def weight_scale(self) -> float | torch.Tensor:
        """Weight per integer level, of the tensor or of each output [O]."""
        return _scale(self.weight_quantizer)

    @property
    def input_range(self) -> float:
        """The input magnitude on the outermost level: the largest seen in training or calibration, or learned."""
        return float(self.input_quantizer.reach)


def _scale(quantizer: FakeQuantize) -> float | torch.Tensor:
    scale = quantizer.scale
    return scale.flatten() if scale.dim() else float(scale)


class QuantizedLinear(_QuantizedLayer):
    """nn.Linear with fake-quantised input, weight and output."""

    def __init__(
        self, linear: nn.Linear, weight_bits: int, activation_bits: int, choices: QuantizationConfig | None = None
    ):
        super().__init__(linear, weight_bits, activation_bits, choices)
        self.in_features, self.out_features = linear.in_features, linear.out_features

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., I] -> [..., O]"""
        y = nn.functional.linear(self.input_quantizer(x), self.weight_quantizer(self.weight), self.bias)
        return self.output_quantizer(y)


class _QuantizedConv(_QuantizedLayer):
    """A convolution with the attributes of torch's."""

    def __init__(
        self,
        conv: nn.Conv1d | nn.Conv2d,
        weight_bits: int,
        activation_bits: int,
        choices: QuantizationConfig | None = None,
    ):
        super().__init__(conv, weight_bits, activation_bits, choices)
        self.in_channels, self.out_channels, self.kernel_size = conv.in_channels, conv.out_channels, conv.kernel_size
        self.stride, self.padding, self.dilation, self.groups = conv.stride, conv.padding, conv.dilation, conv.groups


class QuantizedConv1d(_QuantizedConv):
    """nn.Conv1d with fake-quantised input, weight and output."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, I, T] -> [B, O, T']"""
        y = conv1d(self.input_quantizer(x), self.weight_quantizer(self.weight), self.bias, self)
        return self.output_quantizer(y)


class QuantizedConv2d(_QuantizedConv):
    """nn.Conv2d with fake-quantised input, weight and output."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[B, I, T, F] -> [B, O, T', F']"""
        x, weight = self.input_quantizer(x), self.weight_quantizer(self.weight)
        y = nn.functional.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation, self.groups)
        return self.output_quantizer(y)


@dataclass(frozen=True)
class QuantizedPart:
    """One weight matrix of a recurrent layer with its quantiser, as `memristor_sim` reads it."""

    weight: torch.Tensor
    """[O, I]"""
    quantizer: FakeQuantize
    """Of the weight."""

    def integer_weight(self) -> torch.Tensor:
        """The weight as integers |level| <= 2**(bits-1) - 1; int32 in the shape of `weight`."""
        return self.quantizer.integers(self.weight)

    @property
    def weight_bits(self) -> int:
        """Width of the weight, sign included."""
        return self.quantizer.bits

    @property
    def weight_scale(self) -> float | torch.Tensor:
        """Weight per integer level, of the tensor or of each output [O]."""
        return _scale(self.quantizer)


class QuantizedLstm(nn.Module):
    """nn.LSTM of one layer and direction with fake-quantised input, weights and output.

    Cell states, gates, biases and the recurrent input within the sequence stay in float32. The recurrent input is the
    unquantised output; a device's converters resolve it in 257 levels over [-1, 1].
    """

    PARTS = ("ih_l0", "hh_l0")
    recurrent_cell = "lstm"
    num_layers, bidirectional, batch_first, proj_size = 1, False, True, 0

    def __init__(
        self, lstm: nn.LSTM, weight_bits: int, activation_bits: int, choices: QuantizationConfig | None = None
    ):
        """
        :param lstm: whose weights and biases are taken over, not copied
        :param weight_bits: width of both weight matrices, sign included
        :param activation_bits: width of input and output, sign included
        :param choices: see QuantizedLinear
        :raises InputError: for several layers or directions, projections, no bias, or time before batch
        """
        super().__init__()
        shape = (lstm.num_layers, lstm.bidirectional, lstm.batch_first, lstm.proj_size)
        if not lstm.bias or shape != (self.num_layers, self.bidirectional, self.batch_first, self.proj_size):
            raise InputError(f"{lstm} cannot be quantised; give one nn.LSTM per layer and direction, batch first")
        self.hidden_size = lstm.hidden_size
        for part in self.PARTS:
            setattr(self, f"weight_{part}", getattr(lstm, f"weight_{part}"))
            setattr(self, f"bias_{part}", getattr(lstm, f"bias_{part}"))
        self.input_quantizer = input_quantizer(activation_bits, choices)
        self.weight_quantizers = nn.ModuleDict(
            {part: weight_quantizer(weight_bits, getattr(lstm, f"weight_{part}"), choices) for part in self.PARTS}
        )
        self.output_quantizer = FakeQuantize(activation_bits)

    def forward(
        self, x: torch.Tensor, hx: tuple[torch.Tensor, torch.Tensor] | None = None
    ) -> tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]:
        """Run over whole sequences.

        :param x: [B, T, I]
        :param hx: output and cell state before the first step, each [1, B, H]; zeros if they are left out
        :return: outputs [B, T, H]; last output and last cell state, each [1, B, H]
        """
        x = self.input_quantizer(x)
        weights = [self.weight_quantizers[part](getattr(self, f"weight_{part}")) for part in self.PARTS]
        biases = [getattr(self, f"bias_{part}") for part in self.PARTS]
        if hx is None:
            hx = (x.new_zeros(1, x.shape[0], self.hidden_size),) * 2
        y, last, cell = torch.lstm(x, hx, [*weights, *biases], True, 1, 0.0, self.training, False, True)
        return self.output_quantizer(y), (last, cell)

    def quantized_part(self, part: str) -> QuantizedPart:
        """Input (`ih_l0`) or recurrent (`hh_l0`) weights of the four gates."""
        return QuantizedPart(getattr(self, f"weight_{part}"), cast(FakeQuantize, self.weight_quantizers[part]))

    @property
    def input_range(self) -> float:
        """The input magnitude on the outermost level: the largest seen in training or calibration, or learned."""
        return float(self.input_quantizer.reach)
