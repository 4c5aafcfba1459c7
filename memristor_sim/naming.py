"""Names of layers in what the user calls the model: without the names that wrappers put in between.

Names select the random streams of a device, so a model gives the same device compiled, distributed or as it is.
"""

from collections.abc import Iterator

from torch import nn
from torch.optim.swa_utils import AveragedModel

from memristor_sim.placing import joined

_WRAPPED = {"_orig_mod", "_checkpoint_wrapped_module", "_fsdp_wrapped_module"}
"""What torch.compile, activation checkpointing and FSDP call the module that they wrap."""
_WRAPPERS = (nn.DataParallel, nn.parallel.DistributedDataParallel, AveragedModel)
"""These call it `module`, which others may do as well."""


def named_layers(model: nn.Module, prefix: str = "") -> Iterator[tuple[str, str, nn.Module]]:
    """Name, path and module of everything in `model`; what is there twice comes once.

    :param prefix: what the user calls `model`, if it is a part of something.
    """
    for path, module in model.named_modules():
        yield joined(prefix, *_without_wrappers(model, path)), path, module


def unwrapped(model: nn.Module) -> nn.Module:
    """The module within any wrappers around the whole."""
    for child in (*_WRAPPED, "module"):
        inner = model._modules.get(child)
        if inner is not None and _is_wrapped(model, child):
            return unwrapped(inner)
    return model


def _without_wrappers(model: nn.Module, path: str) -> Iterator[str]:
    parent: nn.Module | None = model
    for child in path.split("."):
        if parent is not None and not _is_wrapped(parent, child):
            yield child
        parent = None if parent is None else parent._modules.get(child)


def _is_wrapped(parent: nn.Module, child: str) -> bool:
    return child in _WRAPPED or (child == "module" and isinstance(parent, _WRAPPERS))
