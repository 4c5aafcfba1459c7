"""Layers of torch that, in evaluation mode, compute with the weights of their parts instead of calling the parts."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from memristor_sim.crossbar import Crossbar


def close_fast_paths(model: nn.Module) -> None:
    """Let every nn.TransformerEncoder, and every layer of one, with a crossbar inside call its parts."""
    for module in model.modules():
        if isinstance(module, nn.TransformerEncoder) and _has_crossbar(module):
            module.use_nested_tensor = False
        elif isinstance(module, nn.TransformerEncoderLayer) and _has_crossbar(module):
            module.activation_relu_or_gelu = 0  # of all conditions of the fast path, the one that nothing else reads


@contextmanager
def without_fast_paths() -> Iterator[None]:
    """Within the context, layers of torch call their parts, and nothing is compiled."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    stance = getattr(torch.compiler, "set_stance", None)
    try:
        if stance is None:
            yield
        else:
            with stance("force_eager"):
                yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _has_crossbar(module: nn.Module) -> bool:
    return any(isinstance(part, Crossbar) for part in module.modules())
