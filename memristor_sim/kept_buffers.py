"""Modules whose buffers are states of a device, which a change of dtype must not rewrite."""

from collections.abc import Callable

from torch import nn


class KeptBuffers(nn.Module):
    """Its own buffers keep dtype and values under `.half()`, `.to(bfloat16)` and so on; they move with devices."""

    def _apply(self, fn: Callable, recurse: bool = True) -> "KeptBuffers":
        kept = dict(self._buffers)
        super()._apply(fn, recurse)
        for name, before in kept.items():
            after = self._buffers[name]
            if before is not None and after is not None and after.dtype != before.dtype:
                self._buffers[name] = before.to(after.device)
        return self
