"""Gradients of a crossbar's inputs: straight through both converters, exact in the cells between them."""

from typing import TYPE_CHECKING, Any

import torch
from torch.autograd.function import once_differentiable

if TYPE_CHECKING:
    from memristor_sim.crossbar import Crossbar


class StraightThrough(torch.autograd.Function):
    """A read-out whose gradient is that of its expectation without rounding.

    One dense product with the digital sum of the planes, times the slope of the cells' current at each line voltage;
    two where currents are attenuated. Inputs beyond the range of the DAC get none. Noise has no part in it: each
    forward draws its own.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, full_scale: torch.Tensor | float, crossbar: "Crossbar") -> torch.Tensor:
        """As Crossbar.read."""
        ctx.save_for_backward(x)
        ctx.full_scale, ctx.crossbar, ctx.kept = full_scale, crossbar, crossbar.kept_sums()
        return crossbar.read(x, full_scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        """The gradient of the input."""
        (x,) = ctx.saved_tensors
        if "sums" not in ctx.kept:
            ctx.kept["sums"] = ctx.crossbar.digital_sums()
        with torch.autocast(x.device.type, enabled=False):
            slopes = ctx.crossbar.input_slopes(x, ctx.full_scale)
            first, *others = (
                ctx.crossbar.transposed_product(gradient.float(), matrix, x.shape).mul_(slope)
                for matrix, slope in zip(ctx.kept["sums"], slopes, strict=True)
            )
            before = sum(others, first)
        return before.to(x.dtype), None, None
