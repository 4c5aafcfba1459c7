"""One fake quantiser: symmetric, per tensor, its range the largest magnitude ever seen.

Source: docs/paper.md, Quantisation-aware training.
"""

import torch
from torch import nn

# Range before anything was seen: keeps the scale positive, and is below any range that matters.
UNSEEN_RANGE = torch.finfo(torch.float32).eps


class FakeQuantize(nn.Module):
    """Rounds to scale * {-qmax..qmax}, qmax = 2**(bits-1) - 1, scale = range / qmax.

    In training mode the range first grows to the largest magnitude of the tensor at hand and never shrinks, so
    nothing is clipped and the gradient passes straight through. In evaluation mode the range is fixed, values
    outside are clipped and get no gradient. While `calibrating` is set, the range grows and values pass unchanged.
    """

    def __init__(self, bits: int):
        super().__init__()
        self.bits = bits
        self.quant_max = 2 ** (bits - 1) - 1
        self.calibrating = False
        self.register_buffer("range", torch.tensor(UNSEEN_RANGE))
        # Tensors, for an operation between two of them takes a fifth of the time of one with a Python number.
        self.register_buffer("levels", torch.tensor(float(self.quant_max)), persistent=False)
        self.register_buffer("zero_point", torch.zeros((), dtype=torch.int32), persistent=False)

    @property
    def scale(self) -> torch.Tensor:
        """Step size, a tensor of no dimensions."""
        return self.range / self.levels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """:param x: any shape; :return: float32 of the same shape"""
        x = x.float()  # under autocast as well: bfloat16 could not hold 8-bit steps apart
        if self.training or self.calibrating:
            self._observe(x)
            if self.calibrating:
                return x
        else:
            x = self._clipped(x)
        return self._rounded(x)

    def integers(self, x: torch.Tensor) -> torch.Tensor:
        """int32 levels -qmax..qmax of x under the present range."""
        levels = (x.detach().float() * self.scale.reciprocal()).round()
        return levels.clamp(-self.quant_max, self.quant_max).to(torch.int32)

    def _clipped(self, x: torch.Tensor) -> torch.Tensor:
        if x.is_cuda:
            return x.clamp(-self.range, self.range)
        # The same values; with bounds in tensors, it is not vectorised on the CPU: 5 times slower.
        bound = self.range.item()
        return x.clamp(-bound, bound)

    def _rounded(self, x: torch.Tensor) -> torch.Tensor:
        """Rounding (half to even) with a straight-through gradient."""
        scale = self.scale
        if x.is_cuda:
            return torch.fake_quantize_per_tensor_affine(x, scale, self.zero_point, -self.quant_max, self.quant_max)
        # Same bits as that, which is not vectorised on the CPU: 15 times faster; copying passes gradients on.
        y = x.clone()
        with torch.no_grad():
            return y.mul_(scale.reciprocal()).round_().mul_(scale)

    def _observe(self, x: torch.Tensor) -> None:
        low, high = torch.aminmax(x.detach())
        seen = self.range
        torch.maximum(seen, torch.maximum(high, low.neg_()), out=seen)  # in place, for DDP and state_dict

    def extra_repr(self) -> str:
        return f"bits={self.bits}"
