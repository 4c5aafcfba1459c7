"""Weights that are computed from others at each call: weight and spectral normalisation, pruning masks.

What is programmed is the weight that they give in evaluation mode.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.utils import prune
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

_RECOMPUTING = (WeightNorm, SpectralNorm, prune.BasePruningMethod)


@contextmanager
def folded(layer: nn.Module) -> Iterator[None]:
    """Within the context, the weights of `layer` are those that its next call in evaluation mode would have."""
    training = layer.training
    layer.training = False
    try:
        for hook in layer._forward_pre_hooks.values():
            if isinstance(hook, _RECOMPUTING):
                hook(layer, ())
        yield
    finally:
        layer.training = training


def move_hooks(layer: nn.Module, built: nn.Module) -> None:
    """Give `built` the forward hooks of `layer` but for those that compute its weight."""
    for kind in ("_forward_pre_hooks", "_forward_pre_hooks_with_kwargs", "_forward_hooks", "_forward_hooks_with_kwargs",
                 "_forward_hooks_always_called"):  # fmt: skip
        for key, hook in getattr(layer, kind).items():
            if not isinstance(getattr(layer, kind.replace("_with_kwargs", "")).get(key, hook), _RECOMPUTING):
                getattr(built, kind)[key] = hook
