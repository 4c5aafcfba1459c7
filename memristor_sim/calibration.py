"""How large the inputs of layers become, measured on a few inputs of the model."""

from collections.abc import Iterable
from contextlib import ExitStack

import torch
from torch import nn

from memristor_sim.errors import MemristorError


@torch.no_grad()
def observed_ranges(model: nn.Module, layers: dict[str, nn.Module], inputs: Iterable) -> dict[str, float]:
    """Largest input magnitude of each layer while `model` runs over `inputs`, in evaluation mode.

    :param inputs: a tensor, or a tuple of arguments, per call.
    :raises MemristorError: a layer was not called, or received only zeros or values that are not finite.
    """
    largest: dict[str, float] = {}
    training = {module: module.training for module in model.modules()}
    with ExitStack() as hooks:
        for name, layer in layers.items():

            def observe(_module: nn.Module, args: tuple, name: str = name) -> None:
                largest[name] = max(largest.get(name, 0.0), args[0].abs().max().item())

            hooks.callback(layer.register_forward_pre_hook(observe).remove)
        model.eval()
        for arguments in inputs:
            model(*arguments if isinstance(arguments, tuple) else (arguments,))
    for module, mode in training.items():
        module.training = mode
    for name in layers:
        if not 0 < largest.get(name, 0.0) < float("inf"):
            raise MemristorError(
                f"The calibration inputs drove layer {name!r} with {largest.get(name, 'nothing')}: give finite inputs "
                "that reach it, or leave it out with Hardware.exclude."
            )
    return largest
