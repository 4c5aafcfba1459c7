"""A whole model on crossbars: `program` draws and writes a device, `prepare` builds one to load states into."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from memristor_sim.calibration import Calibration, observed_inputs
from memristor_sim.crossbar import Crossbar
from memristor_sim.errors import MemristorError
from memristor_sim.fast_paths import close_fast_paths
from memristor_sim.hardware import Hardware
from memristor_sim.layer_builders import LayerKind, built_layer, kind_of
from memristor_sim.naming import named_layers
from memristor_sim.placing import Placing
from memristor_sim.weights import is_fake_quantised


def program(
    model: nn.Module,
    hardware: Hardware,
    device_seed: int,
    *,
    calibration: Calibration | None = None,
    input_range: float | Mapping[str, float] | None = None,
    name: str = "",
    subclasses: tuple[type, ...] = (),
) -> nn.Module:
    """Replace the mapped layers of `model` by programmed ones, in place.

    :param model: its fake-quantised layers are mapped or, if it has none, its plain ones.
    :param device_seed: which device; the same seed gives the same device, whatever else is programmed.
    :param calibration: inputs of the model, from which the input ranges of plain layers are taken; fake-quantised layers
        have their own. A tensor, a tuple of arguments or a dict of keywords for each call, a pair of such a tuple and such
        a dict, or a function that runs the model.
    :param input_range: instead of calibration, the input that drives full scale, for all plain layers or by name.
    :param name: what `model` is called in a larger one; as a part of that one it is the same device.
    :param subclasses: further types to map as the type of torch from which they descend, whose computation they must not
        have changed.
    :return: the model; another module only if `model` itself is a mapped layer.
    :raises MemristorError: a layer cannot be mapped, or its input range is not known.
    """
    seed = _checked_seed(device_seed)
    layers = _chosen(model, hardware, name, subclasses)
    ranges: Mapping[str, float | None]
    ranges = input_range if isinstance(input_range, Mapping) else dict.fromkeys(layers, input_range)
    if calibration is not None:
        plain = {key: (one.module, one.kind) for key, one in layers.items() if not is_fake_quantised(one.module)}
        observed = observed_inputs(model, plain, hardware, calibration)
        for key, (layer, _) in plain.items():
            _require_driven(key, layer, observed.largest)
        ranges = {**observed.largest, **{key: value for key, value in ranges.items() if value is not None}}
    return _swap(model, layers, hardware, seed, ranges)


def prepare(model: nn.Module, hardware: Hardware, *, name: str = "", subclasses: tuple[type, ...] = ()) -> nn.Module:
    """Like `program`, with empty states, to load the state_dict of a programmed model into."""
    return _swap(model, _chosen(model, hardware, name, subclasses), hardware, None, {})


def mapped_layers(model: nn.Module, hardware: Hardware) -> dict[str, nn.Module]:
    """The layers that go onto crossbars, by module name; one that is used twice appears once.

    :raises MemristorError: there is none.
    """
    return {name: one.module for name, one in _chosen(model, hardware).items()}


@dataclass(frozen=True)
class _Layer:
    """A layer that can be mapped."""

    module: nn.Module
    kind: LayerKind


def _chosen(
    model: nn.Module, hardware: Hardware, prefix: str = "", subclasses: tuple[type, ...] = ()
) -> dict[str, _Layer]:
    found = {}
    for name, _, module in named_layers(model, prefix):
        kind = kind_of(module, subclasses)
        if kind is not None:
            found[name] = _Layer(module, kind)
    if any(is_fake_quantised(one.module) for one in found.values()):
        found = {name: one for name, one in found.items() if is_fake_quantised(one.module)}
    mapped = {name: one for name, one in found.items() if _is_mapped(name, one.module, hardware)}
    if not mapped and any(isinstance(module, Crossbar) for module in model.modules()):
        raise MemristorError(
            "This model is on crossbars already, and nothing else of it can be mapped: program a digital copy of it."
        )
    if not mapped:
        raise MemristorError(
            f"Hardware.include {hardware.include} and exclude {hardware.exclude} leave none of the model's "
            f"{len(found)} mappable layers: change the patterns, or keep the model digital."
        )
    return mapped


def _checked_seed(device_seed: Any) -> int:
    try:
        if isinstance(device_seed, bool):
            raise TypeError
        return operator.index(device_seed)
    except TypeError:
        raise MemristorError(f"device_seed is {device_seed!r}: give an integer.") from None


def _require_driven(name: str, layer: nn.Module, largest: Mapping[str, float]) -> None:
    inside = name + "." if name else ""
    seen = [value for key, value in largest.items() if key == name or key.startswith(inside)]
    if not seen or not max(seen) > 0:
        raise MemristorError(
            f"The calibration inputs drove layer {name!r} with {max(seen, default='nothing')}: give finite inputs "
            "that reach it, or leave it out with Hardware.exclude."
        )


def _swap(
    model: nn.Module,
    layers: Mapping[str, _Layer],
    hardware: Hardware,
    device_seed: int | None,
    ranges: Mapping[str, float | None],
) -> nn.Module:
    built, tied = {}, {}
    for name, layer in layers.items():
        placing = Placing(name=name, hardware=hardware, device_seed=device_seed, ranges=ranges, tied=tied)
        built[layer.module] = built_layer(layer.module, layer.kind, placing)
    if model in built:
        return built[model]
    for path, module in list(model.named_modules(remove_duplicate=False)):
        if module in built:
            parent, _, child = path.rpartition(".")
            setattr(model.get_submodule(parent), child, built[module])
    close_fast_paths(model)
    return model


def _is_mapped(name: str, layer: nn.Module, hardware: Hardware) -> bool:
    groups = getattr(layer, "groups", 1)
    if groups > 1 and groups == layer.in_channels and not hardware.map_depthwise:
        return False
    return _matches(name, hardware.include) and not _matches(name, hardware.exclude)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
