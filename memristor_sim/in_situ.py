"""Training weights through the device that they are written to: the forward is the device's, the gradient the digital
layer's."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from memristor_sim.calibration import Calibration
from memristor_sim.conversion import program
from memristor_sim.crossbar import Crossbar
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.layer_builders import built_layer, kind_of
from memristor_sim.modules.programmed import ScaledCrossbar
from memristor_sim.naming import named_layers
from memristor_sim.placing import Placing
from memristor_sim.report import mapping_report


class InSitu(nn.Module):
    """A digital layer with trainable weights, and the same layer on crossbars."""

    def __init__(self, digital: nn.Module, device: nn.Module, *, name: str, hardware: Hardware, device_seed: int):
        """:param digital: plain or fake-quantised.

        :param device: `digital`, programmed.
        """
        super().__init__()
        self.digital, self.name, self.hardware, self.device_seed = digital, name, hardware, device_seed
        self._device = [device]  # in a list, so that its states are no part of this state

    @property
    def device(self) -> nn.Module:
        """The programmed layer."""
        return self._device[0]

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the device gives, with the gradients of the digital layer."""
        with torch.no_grad():
            found = self.device.train(self.training)(*args, **kwargs)
        return _with_gradients(found, self.digital(*args, **kwargs)) if torch.is_grad_enabled() else found

    def rewrite(self) -> None:
        """Write the present weights to the device. Ranges of inputs and converters stay."""
        kind = kind_of(self.digital, (type(self.digital),))
        assert kind is not None
        placing = Placing(name=self.name, hardware=self.hardware, device_seed=self.device_seed, ranges={self.name: 1.0})
        with torch.no_grad():
            built = built_layer(self.digital, kind, placing)
            for new, old in zip(built.modules(), self.device.modules(), strict=True):
                if isinstance(new, ScaledCrossbar) and isinstance(old, ScaledCrossbar):
                    new.scale[1] = old.scale[1]
                if isinstance(new, Crossbar) and isinstance(old, Crossbar) and old.adc_gain is not None:
                    new.adc_gain = old.adc_gain
        self._device = [built]

    def _apply(self, fn: Callable, recurse: bool = True) -> "InSitu":
        self.device._apply(fn, recurse)
        super()._apply(fn, recurse)
        return self


def write_through(
    model: nn.Module,
    hardware: Hardware,
    device_seed: int,
    *,
    calibration: Calibration | None = None,
    input_range: float | Mapping[str, float] | None = None,
    name: str = "",
) -> nn.Module:
    """Let the layers of `model` that `program` would map compute on a device and learn digitally, in place.

    After steps of an optimiser, `rewrite` brings the new weights to the cells; `settle` leaves the device alone.

    :param model: plain or fake-quantised; the other parameters are as before.
    :param device_seed, calibration, input_range, name: as of `program`.
    :return: the model; another module only if `model` itself is a mapped layer.
    :raises MemristorError: as `program`.
    """
    device = program(
        copy.deepcopy(model), hardware, device_seed, calibration=calibration, input_range=input_range, name=name
    )
    mapped = {layer.name for layer in mapping_report(device).mapped}
    for called, path, layer in list(named_layers(model, name)):
        if called not in mapped:
            continue
        twin = device.get_submodule(path)
        both = InSitu(layer, twin, name=called, hardware=hardware, device_seed=device_seed)
        both.training = layer.training
        if layer is model:
            return both
        _replace(model, layer, both)
    return model


def rewrite(model: nn.Module) -> None:
    """Write the present weights of a model of `write_through` to its device.

    :raises MemristorError: it is another model.
    """
    for one in _in_situ(model):
        one.rewrite()


def settle(model: nn.Module) -> nn.Module:
    """Leave the device of a model of `write_through`, written with the present weights, in place of both.

    :return: the model; another module only if `model` itself is a mapped layer.
    :raises MemristorError: it is another model.
    """
    rewrite(model)
    for one in _in_situ(model):
        if one is model:
            return one.device
        _replace(model, one, one.device.train(one.training))
    return model


def _in_situ(model: nn.Module) -> list[InSitu]:
    found = [module for module in model.modules() if isinstance(module, InSitu)]
    if not found:
        raise MemristorError("No layer of this model learns through a device: use write_through() first.")
    return found


def _replace(model: nn.Module, old: nn.Module, new: nn.Module) -> None:
    for path, module in list(model.named_modules(remove_duplicate=False)):
        if module is old and not isinstance(model.get_submodule(path.rpartition(".")[0]), InSitu):
            parent, _, child = path.rpartition(".")
            setattr(model.get_submodule(parent), child, new)


def _with_gradients(found: Any, digital: Any) -> Any:
    """The values of `found` with the gradients of `digital`; both have the same structure."""
    if isinstance(found, torch.Tensor) and digital.requires_grad:
        return digital + (found - digital).detach()
    if isinstance(found, tuple):
        parts = [_with_gradients(one, other) for one, other in zip(found, digital, strict=True)]
        return type(found)(*parts) if hasattr(found, "_fields") else tuple(parts)
    return found
