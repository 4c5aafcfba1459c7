"""y = W x on crossbars."""

from typing import Any

import torch
from torch import nn

from memristor_sim.modules.programmed import ScaledCrossbar, in_float32


class MemristorLinear(ScaledCrossbar):
    """A programmed nn.Linear."""

    def __init__(self, *args: Any, output_quantizer: nn.Module, **kwargs: Any):
        """As ScaledCrossbar.

        :param output_quantizer: applied to the result, as the fake-quantised layer did.
        """
        super().__init__(*args, **kwargs)
        self.output_quantizer = output_quantizer

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """The layer's output.

        :param input: [..., inputs].
        :return: [..., outputs], same dtype.
        """
        return self.output_quantizer(in_float32(super().forward, input))


class MemristorBilinear(MemristorLinear):
    """A programmed nn.Bilinear: the first input drives the lines, the second one weighs what is read, digitally."""

    out_features: int

    def forward(self, input1: torch.Tensor, input2: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """The layer's output.

        :param input1: [..., inputs 1].
        :param input2: [..., inputs 2].
        :return: [..., outputs], dtype of `input1`.
        """
        with torch.autocast(input1.device.type, enabled=False):
            read = self.product(input1).unflatten(-1, (self.out_features, -1))
            y = self.with_bias(torch.einsum("...oj,...j->...o", read, input2.float()))
        return self.output_quantizer(y.to(input1.dtype))
