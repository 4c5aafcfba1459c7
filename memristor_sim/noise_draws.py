"""Standard normal draws in bulk for read noise: sixteen random bits each, looked up in the quantiles of the law.

On a CPU, PyTorch's generator takes more than twice as long, most of it for the bits, and noise took a quarter of a
read-out. No draw lies beyond 4.3 standard deviations. On other devices, and in traced graphs, noise is torch's own.
"""

from functools import cache
from math import ceil, pi, prod, sqrt

import numpy as np
import torch

from memristor_sim.fused.kernel import kernel
from memristor_sim.tracing import traced

_BINS = 1 << 16
_AT_ONCE = 1 << 13  # small draws share one look-up


@cache
def quantile_means() -> torch.Tensor:
    """Mean of the standard normal within each of 2^16 equally likely bins, scaled to variance 1: float32 [65536]."""
    edges = torch.special.ndtri(torch.arange(_BINS + 1, dtype=torch.float64) / _BINS)
    density = torch.exp(-(edges**2) / 2) / sqrt(2 * pi)
    means = density[:-1] - density[1:]
    return (means / means.square().mean().sqrt()).float()


class NormalStream:
    """Independent draws; the stream is determined by the state of torch's generator (`torch.manual_seed`)."""

    def __init__(self, device: torch.device):
        """:param device: of the tensors that are drawn."""
        self._device = device
        self._own = device.type == "cpu" and not traced()
        if self._own:
            self._bits = np.random.SFC64(int(torch.randint(1 << 62, ())))
            self._left = torch.empty(0)

    def draw(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Standard normal float32 of this shape."""
        if not self._own:
            return torch.randn(shape, device=self._device)
        count = prod(shape)
        if len(self._left) < count:
            if count >= _AT_ONCE:
                self._left = torch.empty(0)
                return self._look_up(count).view(shape)
            self._left = self._look_up(_AT_ONCE)
        drawn, self._left = self._left[:count], self._left[count:]
        return drawn.view(shape)

    def _look_up(self, count: int) -> torch.Tensor:
        compiled = kernel()
        if compiled is not None:
            return compiled.draw(self._bits, quantile_means(), count)
        words = self._bits.random_raw(ceil(count / 4)).view(np.uint16)[:count]
        return quantile_means().index_select(0, torch.from_numpy(words).int())
