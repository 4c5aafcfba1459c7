"""Square roots that are the same with and without the compiled pass of a read-out."""

import numpy as np
import torch

from memristor_sim.tracing import traced


def correct_sqrt_(values: torch.Tensor) -> torch.Tensor:
    """The square roots in place, rounded correctly on a CPU, where torch may be off by the last bit."""
    if values.device.type != "cpu" or traced():
        return values.sqrt_()
    np.sqrt(values.numpy(), out=values.numpy())
    return values
