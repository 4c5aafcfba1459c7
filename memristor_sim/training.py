"""Training what is digital around a device."""

from torch import nn

from memristor_sim.errors import MemristorError
from memristor_sim.modules.attention import MemristorAttention
from memristor_sim.modules.programmed import ScaledCrossbar

_CHOICES = ("norms", "biases")


def trainable(model: nn.Module, *what: str) -> list[nn.Parameter]:
    """Let gradients reach some parameters of a programmed model and no others.

    :param what: `norms`: those of normalisation layers; `biases`: those that are added behind crossbars.
    :return: these parameters, for an optimiser.
    :raises MemristorError: another choice, or there are none.
    """
    unknown = [one for one in what if one not in _CHOICES]
    if unknown or not what:
        raise MemristorError(f"trainable() was asked for {unknown or 'nothing'}: give one or more of {list(_CHOICES)}.")
    chosen: dict[int, nn.Parameter] = {}
    for module in model.modules():
        norm = "norms" in what and "norm" in type(module).__name__.lower()
        bias = "biases" in what and isinstance(module, ScaledCrossbar | MemristorAttention)
        if norm or bias:
            chosen |= {id(one): one for one in module._parameters.values() if one is not None}
    if not chosen:
        raise MemristorError(f"The model has no parameters of {' or '.join(what)} to train.")
    for parameter in model.parameters():
        parameter.requires_grad_(id(parameter) in chosen)
    return list(chosen.values())
