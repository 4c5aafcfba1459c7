"""Whether a graph is being made of the model, by torch.compile, torch.export or torch.jit.trace.

Such graphs hold tensor operations alone: in them, noise comes from torch's generators, fresh at each call, and inputs
are not checked.
"""

import torch
from torch import nn


def traced() -> bool:
    """Whether the present call is recorded instead of computed."""
    return torch.compiler.is_compiling() or torch.jit.is_tracing()


def check_inputs(model: nn.Module, check: bool) -> None:
    """Let the crossbars of `model` look for NaN and infinity in their inputs, or not.

    Looking makes a GPU wait for the answer, and cannot be part of a CUDA graph.
    """
    for module in model.modules():
        if hasattr(module, "checks_inputs"):
            module.checks_inputs = check  # type: ignore[assignment]
