"""A whole model on crossbars: `program` draws and writes a device, `prepare` builds one to load states into."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from torch import nn

from memristor_sim.calibration import observed_ranges
from memristor_sim.components import Converters
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.layer_builders import Placing, builder_of
from memristor_sim.weights import is_fake_quantised


def program(
    model: nn.Module,
    hardware: Hardware,
    device_seed: int,
    *,
    calibration: Iterable | None = None,
    input_range: float | Mapping[str, float] | None = None,
) -> nn.Module:
    """Replace the mapped layers of `model` by programmed ones, in place.

    :param model: its fake-quantised layers are mapped or, if it has none, its plain ones.
    :param device_seed: which device; the same seed gives the same device, whatever else is programmed.
    :param calibration: inputs of the model (a tensor or a tuple of arguments each), from which the input ranges of
        plain layers are taken; fake-quantised layers have their own.
    :param input_range: instead of calibration, the input that drives full scale, for all plain layers or by name.
    :return: the model; another module only if `model` itself is a mapped layer.
    :raises MemristorError: a layer cannot be mapped, or its input range is not known.
    """
    layers = mapped_layers(model, hardware)
    ranges: Mapping[str, float | None]
    ranges = input_range if isinstance(input_range, Mapping) else dict.fromkeys(layers, input_range)
    if calibration is not None:
        plain = {name: layer for name, layer in layers.items() if not is_fake_quantised(layer)}
        ranges = {**observed_ranges(model, plain, calibration), **{k: v for k, v in ranges.items() if v is not None}}
    return _swap(model, layers, hardware, device_seed, ranges)


def prepare(model: nn.Module, hardware: Hardware) -> nn.Module:
    """Like `program`, with empty states, to load the state_dict of a programmed model into."""
    return _swap(model, mapped_layers(model, hardware), hardware, None, {})


def mapped_layers(model: nn.Module, hardware: Hardware) -> dict[str, nn.Module]:
    """The layers that go onto crossbars, by module name; one that is used twice appears once.

    :raises MemristorError: there is none.
    """
    found = {name: module for name, module in model.named_modules() if builder_of(module)}
    if any(map(is_fake_quantised, found.values())):
        found = {name: module for name, module in found.items() if is_fake_quantised(module)}
    mapped = {name: module for name, module in found.items() if _is_mapped(name, module, hardware)}
    if not mapped:
        raise MemristorError(
            f"Hardware.include {hardware.include} and exclude {hardware.exclude} leave none of the model's "
            f"{len(found)} mappable layers: change the patterns, or keep the model digital."
        )
    return mapped


def _swap(
    model: nn.Module,
    layers: dict[str, nn.Module],
    hardware: Hardware,
    device_seed: int | None,
    ranges: Mapping[str, float | None],
) -> nn.Module:
    built = {}
    for name, layer in layers.items():
        placing = Placing(
            name=name,
            hardware=hardware,
            converters=_converters(name, hardware),
            device_seed=device_seed,
            input_range=ranges.get(name),
        )
        build = builder_of(layer)
        if build is not None:
            built[layer] = build(layer, placing).train(layer.training)
    if model in built:
        return built[model]
    for name, module in list(model.named_modules(remove_duplicate=False)):
        if module in built:
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, built[module])
    return model


def _is_mapped(name: str, layer: nn.Module, hardware: Hardware) -> bool:
    groups = getattr(layer, "groups", 1)
    if groups > 1 and groups == layer.in_channels and not hardware.map_depthwise:
        return False
    return _matches(name, hardware.include) and not _matches(name, hardware.exclude)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _converters(name: str, hardware: Hardware) -> Converters:
    own = (one for one in hardware.converters if fnmatchcase(name, one.pattern))
    return next(own, Converters(pattern="*", dac=hardware.dac, adc=hardware.adc))
