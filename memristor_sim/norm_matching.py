"""Calibration after programming: normalisation layers of a device get the means and variances of the digital model."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import nn

from memristor_sim.calibration import Calibration, run
from memristor_sim.converter_fit import on_trial
from memristor_sim.errors import MemristorError
from memristor_sim.naming import unwrapped

_NORMS = (nn.LayerNorm, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
Moments = tuple[torch.Tensor, torch.Tensor]
"""Mean and standard deviation of each channel."""


@torch.no_grad()
def match_norms(model: nn.Module, digital: nn.Module, inputs: Calibration) -> None:
    """Change weight and bias of every normalisation layer of a programmed model, in place.

    Each channel of its output gets the mean and the standard deviation that it has in the digital model for the same
    inputs. Layers are changed in the order in which they are called, so that each sees those before it corrected.
    Read noise comes from torch's generator, which is left as it was.

    :param inputs: as `program` takes them, in one call of the model: without padding, such as one long utterance.
    :raises MemristorError: there is no such layer, or one is called more than once.
    """
    wanted: dict[str, Moments] = {}

    def note(name: str, norm: Any, y: torch.Tensor) -> None:
        wanted[name] = _moments(norm, y)

    def correct(name: str, norm: Any, y: torch.Tensor) -> torch.Tensor:
        mean, spread = _moments(norm, y)
        target_mean, target_spread = wanted[name]
        ratio = torch.where(spread > 0, target_spread / torch.where(spread > 0, spread, 1.0), 1.0)
        norm.weight.mul_(ratio)
        norm.bias.copy_((norm.bias - mean) * ratio + target_mean)
        shape = _broadcast(norm, y)
        return (y - mean.view(shape)) * ratio.view(shape) + target_mean.view(shape)

    calls = inputs if callable(inputs) else list(inputs)
    for network, hook in ((digital, note), (model, correct)):
        with on_trial(network), ExitStack() as undo:
            for name, norm in _norms(network).items():
                undo.callback(norm.register_forward_hook(_once(name, hook)).remove)
            run(unwrapped(network), calls)


def _norms(model: nn.Module) -> dict[str, Any]:
    """Those with a weight and a bias, by path.

    :raises MemristorError: there is none.
    """
    inner = unwrapped(model)
    found = {
        name: module
        for name, module in inner.named_modules()
        if isinstance(module, _NORMS) and module.weight is not None and module.bias is not None
    }
    if not found:
        raise MemristorError("The model has no normalisation layer with weight and bias: leave match_norms out.")
    return found


def _once(name: str, hook: Callable[[str, Any, torch.Tensor], Any]) -> Callable:
    called = False

    def forward_hook(norm: nn.Module, _inputs: tuple, y: torch.Tensor) -> Any:
        nonlocal called
        if called:
            raise MemristorError(
                f"Normalisation layer {name!r} is called more than once: give all calibration inputs in one call."
            )
        called = True
        return hook(name, norm, y)

    return forward_hook


def _moments(norm: Any, y: torch.Tensor) -> Moments:
    """Of each channel of the output, in the shape of the weight."""
    channels = norm.weight.dim()
    flat = y.flatten(0, -channels - 1) if isinstance(norm, nn.LayerNorm) else y.movedim(1, -1).flatten(0, -2)
    return flat.mean(0), flat.std(0, unbiased=False)


def _broadcast(norm: Any, y: torch.Tensor) -> tuple[int, ...]:
    """The shape in which a weight multiplies the output."""
    return norm.weight.shape if isinstance(norm, nn.LayerNorm) else (1, -1, *[1] * (y.dim() - 2))
