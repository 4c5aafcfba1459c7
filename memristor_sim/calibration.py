"""How large the inputs of layers become, measured on a few inputs of the model."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from memristor_sim.errors import MemristorError
from memristor_sim.fast_paths import without_fast_paths
from memristor_sim.folding import folded
from memristor_sim.hardware import Hardware
from memristor_sim.layer_builders import LayerKind
from memristor_sim.modules.programmed import keep_attributes
from memristor_sim.naming import unwrapped
from memristor_sim.parts import Part
from memristor_sim.placing import converters_of, joined
from memristor_sim.quantisation import Largest, MovingAverage
from memristor_sim.ranges import Magnitudes

Calibration = Iterable | Callable[[nn.Module], Any]
"""Inputs of the model, one per call: a tensor, a tuple of arguments, a dict of keywords, or a pair of such a tuple and
such a dict. Or a function that runs the model that it is given."""


@dataclass
class Observed:
    """What the parts of layers were driven with, by name."""

    hardware: Hardware
    inputs: dict[str, Magnitudes] = field(default_factory=lambda: defaultdict(Magnitudes))
    multiply_adds: dict[str, float] = field(default_factory=dict)
    """Of each layer."""

    def see(self, name: str, x: torch.Tensor | PackedSequence) -> None:
        """One more input."""
        sampled = not isinstance(self.hardware.quantisation.inputs, Largest | MovingAverage)
        self.inputs[name].see(x.data if isinstance(x, PackedSequence) else x, keep_samples=sampled)

    def ranges(self) -> dict[str, float]:
        """The input that drives full scale, by the rule of the hardware."""
        rule = self.hardware.quantisation.inputs
        return {
            name: one.range(rule, converters_of((name, name.rpartition(".")[0]), self.hardware).dac.highest)
            for name, one in self.inputs.items()
        }


@torch.no_grad()
def observed_inputs(
    model: nn.Module, layers: Mapping[str, tuple[nn.Module, LayerKind]], hardware: Hardware, calibration: Calibration
) -> Observed:
    """The inputs of layers, and of parts that no one sees outside, while `model` runs in evaluation mode.

    :param layers: by name.
    :raises MemristorError: an input has NaN or infinite values.
    """
    observed = Observed(hardware)
    with ExitStack() as undo:
        for module in model.modules():
            undo.callback(setattr, module, "training", module.training)
        for name, (layer, kind) in layers.items():
            if kind.inner_inputs(layer):
                undo.enter_context(folded(layer))
                inside = kind.build(layer, kind.parts(layer), DigitalParts(name, hardware, observed))
                keep_attributes(inside, layer)
                layer.forward = inside.eval().forward
                observed.multiply_adds[name] = 0.0
                undo.callback(layer.__dict__.pop, "forward")
            else:
                undo.callback(layer.register_forward_hook(_seeing(name, kind, observed), with_kwargs=True).remove)
        model.eval()
        undo.enter_context(without_fast_paths())
        run(unwrapped(model), calibration)
    for name, one in observed.inputs.items():
        if not one.largest < float("inf"):
            raise MemristorError(
                f"The calibration inputs drove layer {name!r} with {one.largest}: give finite inputs, "
                "or leave it out with Hardware.exclude."
            )
    return observed


def _seeing(name: str, kind: LayerKind, observed: Observed) -> Callable:
    def hook(layer: nn.Module, args: tuple, kwargs: dict, y: Any) -> None:
        x = args[0] if args else next(kwargs[key] for key in _INPUTS if key in kwargs)
        observed.see(name, x)
        vectors = kind.vectors(layer, x.data if isinstance(x, PackedSequence) else x, y)
        weights = sum(tensor.numel() for key, tensor in layer.named_parameters() if "bias" not in key)
        observed.multiply_adds[name] = observed.multiply_adds.get(name, 0.0) + vectors * weights

    return hook


_INPUTS = ("input", "x", "input1")


def run(model: nn.Module, calibration: Calibration) -> None:
    """Call the model with all inputs."""
    if callable(calibration):
        calibration(model)
        return
    for given in calibration:
        if isinstance(given, Mapping):
            model(**given)
        elif isinstance(given, tuple) and list(map(type, given)) == [tuple, dict]:
            model(*given[0], **given[1])
        else:
            several = isinstance(given, tuple) and not isinstance(given, PackedSequence)  # which is a tuple as well
            model(*given if several else (given,))


@dataclass
class DigitalParts:
    """Makes the parts of a layer as plain products that record their inputs."""

    name: str
    hardware: Hardware
    observed: Observed

    def part(self, part: Part, name: str = "", *, fallback: float | None = None) -> nn.Module:
        """As Placing."""
        return DigitalPart(part, self.name, name, self.observed)

    def built(self, kind: type, part: Part, name: str = "", **kwargs: Any) -> nn.Module:
        """As Placing."""
        return self.part(part, name)


class DigitalPart(nn.Module):
    """A weight of a layer as a plain product, in the place of a ScaledCrossbar."""

    def __init__(self, part: Part, layer: str, name: str, observed: Observed):
        super().__init__()
        self.matrix, self.offset = part.layout.to_matrix(part.carrier.weight)[0].T, part.bias  # [outputs, inputs]
        self.layer, self.name, self.observed = layer, joined(layer, name), observed

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., inputs] to [..., outputs]."""
        self.observed.see(self.name, x)
        self.observed.multiply_adds[self.layer] += x.numel() * len(self.matrix)
        return functional.linear(x, self.matrix.to(x.dtype), None if self.offset is None else self.offset.to(x.dtype))

    def unpacked(self) -> AbstractContextManager[None]:
        """As ScaledCrossbar."""
        return nullcontext()
