"""A whole model on crossbars: `program` draws and writes a device, `prepare` builds one to load states into."""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from memristor_sim import report
from memristor_sim.calibration import Calibration, Observed, observed_inputs
from memristor_sim.converter_fit import fit_converters
from memristor_sim.crossbar import Crossbar
from memristor_sim.errors import MemristorError
from memristor_sim.fast_paths import close_fast_paths
from memristor_sim.hardware import Hardware
from memristor_sim.layer_builders import LayerKind, built_layer, kind_of, parent_kind
from memristor_sim.naming import named_layers
from memristor_sim.placing import Placing
from memristor_sim.report import LayerReport, MappingReport
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
    strict: bool = False,
) -> nn.Module:
    """Replace the mapped layers of `model` by programmed ones, in place. `mapping_report(model)` says which.

    :param model: its fake-quantised layers are mapped or, if it has none, its plain ones.
    :param device_seed: which device; the same seed gives the same device, whatever else is programmed.
    :param calibration: inputs of the model, from which the input ranges of plain layers are taken; fake-quantised
        layers have their own. A tensor, a tuple of arguments or a dict of keywords for each call, a pair of such a
        tuple and such a dict, or a function that runs the model. Layers that they do not reach stay digital.
    :param input_range: instead of calibration, the input that drives full scale, for all plain layers or by name.
    :param name: what `model` is called in a larger one; as a part of that one it is the same device.
    :param subclasses: further types to map as the type of torch from which they descend, whose computation they must
        not have changed.
    :param strict: refuse to leave anything digital that Hardware.include and exclude do not leave out.
    :return: the model; another module only if `model` itself is a mapped layer.
    :raises MemristorError: a layer cannot be mapped, or its input range is not known.
    """
    seed = _checked_seed(device_seed)
    found = _found(model, hardware, name, subclasses)
    ranges: Mapping[str, float | None]
    ranges = input_range if isinstance(input_range, Mapping) else dict.fromkeys(_mapped(found), input_range)
    counted = None
    if calibration is not None:
        calibration = calibration if callable(calibration) else list(calibration)
        observed = observed_inputs(model, _observable(found), hardware, calibration)
        ranges = {**observed.ranges(), **{key: value for key, value in ranges.items() if value is not None}}
        found, counted = _without_undriven(found, observed, ranges), observed.multiply_adds
    made = _report(model, found, name, counted)
    report.check(made, strict=strict)
    built = _swap(model, found, hardware, seed, ranges)
    if calibration is not None:
        made = replace(made, clip_rates=fit_converters(built, hardware, calibration))
        report.check_clipping(made, hardware.quantisation.clip_warning)
    report.attach(built, made)
    return built


def prepare(model: nn.Module, hardware: Hardware, *, name: str = "", subclasses: tuple[type, ...] = ()) -> nn.Module:
    """Like `program`, with empty states, to load the state_dict of a programmed model into.

    Where `program` left layers digital because the calibration inputs did not reach them, exclude those here.
    """
    found = _found(model, hardware, name, subclasses)
    made = _report(model, found, name, None)  # of the layers as they were
    built = _swap(model, found, hardware, None, {})
    report.attach(built, made)
    return built


def mapped_layers(model: nn.Module, hardware: Hardware) -> dict[str, nn.Module]:
    """The layers that go onto crossbars, by module name; one that is used twice appears once.

    :raises MemristorError: there is none.
    """
    return {name: one.module for name, one in _mapped(_found(model, hardware)).items()}


@dataclass(frozen=True)
class _Layer:
    """A layer that can be mapped."""

    module: nn.Module
    kind: LayerKind
    left: str = ""
    """Why it stays digital; empty if it goes onto crossbars."""


def _found(
    model: nn.Module, hardware: Hardware, prefix: str = "", subclasses: tuple[type, ...] = ()
) -> dict[str, _Layer]:
    """All layers that can be mapped, by name.

    :raises MemristorError: none goes onto crossbars.
    """
    found = {}
    for name, _, module in named_layers(model, prefix):
        kind = kind_of(module, subclasses)
        if kind is not None:
            found[name] = _Layer(module, kind)
    quantised = any(is_fake_quantised(one.module) for one in found.values())
    found = {name: replace(one, left=_reason(name, one.module, hardware, quantised)) for name, one in found.items()}
    if not _mapped(found) and any(isinstance(module, Crossbar) for module in model.modules()):
        raise MemristorError(
            "This model is on crossbars already, and nothing else of it can be mapped: program a digital copy of it."
        )
    if not _mapped(found):
        considered = [one for one in found.values() if one.left != report.BESIDE_QUANTISED]
        raise MemristorError(
            f"Hardware.include {hardware.include} and exclude {hardware.exclude} leave none of the model's "
            f"{len(considered)} mappable layers: change the patterns, or keep the model digital."
        )
    return found


def _reason(name: str, layer: Any, hardware: Hardware, quantised: bool) -> str:
    """Why a layer stays digital; empty if it does not."""
    groups = getattr(layer, "groups", 1)
    if quantised and not is_fake_quantised(layer):
        return report.BESIDE_QUANTISED
    if not _weights(layer):
        return report.EMPTY
    if not _matches(name, hardware.include) or _matches(name, hardware.exclude):
        return report.BY_PATTERN
    depthwise = groups > 1 and groups == layer.in_channels and not hardware.map_depthwise
    return report.DEPTHWISE if depthwise else ""


def _mapped(found: Mapping[str, _Layer]) -> dict[str, _Layer]:
    return {name: one for name, one in found.items() if not one.left}


def _observable(found: Mapping[str, _Layer]) -> dict[str, tuple[nn.Module, LayerKind]]:
    """What is watched while a model is calibrated: all but layers that bring their ranges and what surrounds these."""
    plain = {name: one for name, one in found.items() if not is_fake_quantised(one.module)}
    return {name: (one.module, one.kind) for name, one in plain.items() if one.left != report.BESIDE_QUANTISED}


def _without_undriven(
    found: Mapping[str, _Layer], observed: Observed, ranges: Mapping[str, float | None]
) -> dict[str, _Layer]:
    """Layers that calibration did not reach, and whose range is not given either, stay digital.

    :raises MemristorError: that is all of them.
    """
    driven = {}
    for name, one in found.items():
        if not one.left and not is_fake_quantised(one.module) and not ranges.get(name):
            one = replace(one, left=_undriven(name, observed))
        driven[name] = one
    if not _mapped(driven):
        name, one = next((name, one) for name, one in driven.items() if one.left != found[name].left)
        seen = "nothing" if one.left == report.NEVER_CALLED else 0.0
        raise MemristorError(
            f"The calibration inputs drove layer {name!r} with {seen}: give finite inputs "
            "that reach it, or leave it out with Hardware.exclude."
        )
    return driven


def _undriven(name: str, observed: Observed) -> str:
    inside = name + "." if name else ""
    seen = [one.largest for key, one in observed.inputs.items() if key == name or key.startswith(inside)]
    if not seen:
        return report.NEVER_CALLED
    return "" if min(seen) > 0 else report.ONLY_ZEROS


def _checked_seed(device_seed: Any) -> int:
    try:
        if isinstance(device_seed, bool):
            raise TypeError
        return operator.index(device_seed)
    except TypeError:
        raise MemristorError(f"device_seed is {device_seed!r}: give an integer.") from None


def _report(
    model: nn.Module, found: Mapping[str, _Layer], prefix: str, counted: Mapping[str, float] | None
) -> MappingReport:
    return MappingReport(tuple(_layer_reports(model, found, prefix, counted)))


def _layer_reports(
    model: nn.Module, found: Mapping[str, _Layer], prefix: str, counted: Mapping[str, float] | None
) -> Iterator[LayerReport]:
    inside: set[nn.Module] = set()  # parts of layers that are reported as a whole
    quantised = any(is_fake_quantised(one.module) for one in found.values())
    for name, _, module in named_layers(model, prefix):
        if name in found:
            inside.update(module.modules())
            yield LayerReport(
                name=name,
                type=type(module).__name__,
                weights=_weights(module),
                multiply_adds=report.multiply_adds_of(name, counted),
                left=found[name].left,
            )
        elif module not in inside and report.own_weights(module):
            left = report.unknown_type(module, parent_kind(module))
            known = left in (report.LOOK_UP, report.SMALL) or not quantised
            yield LayerReport(
                name=name,
                type=type(module).__name__,
                weights=sum(tensor.numel() for _, tensor in report.own_weights(module)),
                left=left if known else report.BESIDE_QUANTISED,
            )


def _weights(layer: nn.Module) -> int:
    return sum(tensor.numel() for key, tensor in layer.named_parameters() if "bias" not in key)


def _swap(
    model: nn.Module,
    found: Mapping[str, _Layer],
    hardware: Hardware,
    device_seed: int | None,
    ranges: Mapping[str, float | None],
) -> nn.Module:
    built: dict[nn.Module, nn.Module] = {}
    tied: dict = {}
    for name, layer in _mapped(found).items():
        placing = Placing(name=name, hardware=hardware, device_seed=device_seed, ranges=ranges, tied=tied)
        built[layer.module] = built_layer(layer.module, layer.kind, placing)
    for path, module in list(model.named_modules(remove_duplicate=False)):
        if module in built and module is not model:
            parent, _, child = path.rpartition(".")
            setattr(model.get_submodule(parent), child, built[module])
    close_fast_paths(model)
    return built.get(model, model)


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
