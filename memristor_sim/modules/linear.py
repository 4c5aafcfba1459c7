"""y = W x on crossbars."""

import torch
from torch import nn

from memristor_sim.crossbar import LinearCrossbar


class MemristorLinear(nn.Module):
    """A programmed nn.Linear."""

    scale: torch.Tensor
    """[2]: value of one integer weight step, and the input that drives full scale."""

    def __init__(self, crossbar: LinearCrossbar, *, bias: torch.Tensor | None, output_quantizer: nn.Module):
        """:param bias: [outputs] or None; added digitally.

        :param output_quantizer: applied to the result, as the fake-quantised layer did.
        """
        super().__init__()
        self.crossbar = crossbar
        self.register_buffer("scale", torch.ones(2))
        self.bias = None if bias is None else nn.Parameter(bias.detach().clone(), requires_grad=False)
        self.output_quantizer = output_quantizer

    @torch.no_grad()
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The layer's output.

        :param x: [..., inputs].
        :return: [..., outputs], same dtype.
        """
        weight_scale, input_range = self.scale
        with torch.autocast(x.device.type, enabled=False):
            y = self.crossbar(x, input_range).mul_(weight_scale * input_range)
            if self.bias is not None:
                y += self.bias
        return self.output_quantizer(y.to(x.dtype))
