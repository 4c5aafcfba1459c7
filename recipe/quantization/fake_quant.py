"""The fake quantiser: symmetric, per tensor, with the largest magnitude ever seen as its range.

Source: docs/paper.md, Quantisation-aware training.
"""

import torch
from torch import nn

# Initial range: keeps the scale positive, and is smaller than any range that occurs.
UNSEEN_RANGE = torch.finfo(torch.float32).eps


class FakeQuantize(nn.Module):
    """Rounds to scale * {-qmax..qmax}, where qmax = 2**(bits-1) - 1 and scale = range / qmax.

    In training mode the range first grows to the largest magnitude of the current tensor and never shrinks, so nothing
    is clipped and the gradient passes straight through. In evaluation mode the range is fixed; values outside are
    clipped and get no gradient. While `calibrating` is set, the range grows and values pass through unchanged.
    """

    range: torch.Tensor
    """float32 scalar: largest magnitude seen; the only part of the state dict."""
    levels: torch.Tensor
    """float32 scalar: qmax."""
    zero_point: torch.Tensor
    """int32 scalar: 0."""

    def __init__(self, bits: int, quant_max: int | None = None):
        """:param bits: width, sign included

        :param quant_max: qmax; None for the largest that the bits hold
        """
        super().__init__()
        self.bits = bits
        self.quant_max = 2 ** (bits - 1) - 1 if quant_max is None else quant_max
        self.calibrating = False
        self.register_buffer("range", torch.tensor(UNSEEN_RANGE))
        # Tensors, because an operation of two tensors takes a fifth of the time of one with a Python number.
        self.register_buffer("levels", torch.tensor(float(self.quant_max)), persistent=False)
        self.register_buffer("zero_point", torch.zeros((), dtype=torch.int32), persistent=False)

    @property
    def scale(self) -> torch.Tensor:
        """Step size, a float32 scalar."""
        return self.range / self.levels

    @property
    def reach(self) -> torch.Tensor:
        """The magnitude on the outermost level, in the shape of `scale`."""
        return self.range

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Observe and round, as the mode says.

        :param x: any shape
        :return: float32 of the same shape
        """
        x = x.float()  # also under autocast: bfloat16 cannot represent 8-bit steps
        if self.training or self.calibrating:
            self._observe(x)
            if self.calibrating:
                return x
        else:
            x = self._clipped(x)
        return self._rounded(x)

    def integers(self, x: torch.Tensor) -> torch.Tensor:
        """The integers -qmax..qmax that values round to under the current range, clipped.

        :param x: any shape
        :return: int32 of the same shape
        """
        levels = (x.detach().float() * self.scale.reciprocal()).round()
        return levels.clamp(-self.quant_max, self.quant_max).to(torch.int32)

    def _clipped(self, x: torch.Tensor) -> torch.Tensor:
        if x.is_cuda:
            return x.clamp(-self.reach, self.reach)
        # The same values. With tensors as bounds, clamp is not vectorised on the CPU: 5 times slower.
        bound = self.reach.item()
        return x.clamp(-bound, bound)

    def _rounded(self, x: torch.Tensor) -> torch.Tensor:
        """Round half to even, with a straight-through gradient."""
        scale = self.scale
        if x.is_cuda:
            return torch.fake_quantize_per_tensor_affine(x, scale, self.zero_point, -self.quant_max, self.quant_max)
        # Bit-identical to torch's operator, which is not vectorised on the CPU, and 15 times faster. clone() passes the
        # gradient on.
        y = x.clone()
        with torch.no_grad():
            return y.mul_(scale.reciprocal()).round_().mul_(scale)

    def _observe(self, x: torch.Tensor) -> None:
        low, high = torch.aminmax(x.detach())
        seen = self.range
        torch.maximum(seen, torch.maximum(high, low.neg_()), out=seen)  # in place, for DDP and state_dict

    def extra_repr(self) -> str:
        """What `print(module)` shows of it."""
        return f"bits={self.bits}"
