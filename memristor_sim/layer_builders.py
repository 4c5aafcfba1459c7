"""Which layers can be mapped to crossbars, and how each is built from them.

A new layer type is a function like `_linear` and an entry in `_BUILDERS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import Any, TypeVar

import torch
from torch import nn

from memristor_sim.components import Converters
from memristor_sim.crossbar import Crossbar, LinearCrossbar
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import mapping_of
from memristor_sim.modules.conv import ConvCrossbar, MemristorConv
from memristor_sim.modules.linear import MemristorLinear
from memristor_sim.modules.recurrent import MemristorRecurrent, ScaledCrossbar, gru_step, lstm_step
from memristor_sim.programming import program_states
from memristor_sim.weights import integer_weight, is_fake_quantised, is_fake_quantised_recurrent, weight_bits

AnyCrossbar = TypeVar("AnyCrossbar", bound=Crossbar)
Scaled = TypeVar("Scaled", MemristorLinear, MemristorConv, ScaledCrossbar)
ToMatrix = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, kw_only=True)
class Placing:
    """How one layer is mapped."""

    name: str
    """Module name of the layer."""
    hardware: Hardware
    converters: Converters
    device_seed: int | None
    """None for empty states."""
    input_range: float | None = None
    """The input that drives full scale; None if the layer itself has it."""

    def crossbar(
        self, kind: type[AnyCrossbar], layer: Any, to_matrix: ToMatrix, *, part: str = ""
    ) -> tuple[AnyCrossbar, float]:
        """A crossbar with the weight of `layer`, empty or written, and the value of one integer step of the weight.

        :param to_matrix: the weight to [groups, rows, columns].
        :param part: which weight of the layer, if it has several.
        """
        name = ".".join(filter(None, (self.name, part)))
        shape = _shape(layer.weight, to_matrix)
        mapping = mapping_of(kind.__name__, shape, weight_bits(layer, self.hardware), self.hardware)
        crossbar = kind(mapping, converters=self.converters, hardware=self.hardware, name=name)
        scale = 1.0
        if self.device_seed is not None:
            weight = integer_weight(name, layer, self.hardware)
            matrix = to_matrix(torch.from_numpy(weight.integers)).numpy()
            states = program_states(matrix, mapping, self.hardware, self.device_seed, name)
            crossbar.r_plus, crossbar.r_minus = states
            scale = weight.scale
        return crossbar.to(layer.weight.device), scale

    def range_of(self, layer: Any) -> float:
        """The input of `layer` that drives full scale.

        :raises MemristorError: it is not known.
        """
        if self.device_seed is None:
            return 1.0
        value = layer.input_range if is_fake_quantised(layer) else self.input_range
        if value is None or not 0 < float(value) < float("inf"):
            raise MemristorError(
                f"The input range of layer {self.name!r} is {value}: calibrate the model first, or give program() "
                "calibration inputs or an input_range."
            )
        return float(value)

    def bias(self, bias: torch.Tensor | None) -> torch.Tensor | None:
        """The bias that is added digitally."""
        return bias if self.hardware.digital_bias else None


def _shape(weight: torch.Tensor, to_matrix: ToMatrix) -> tuple[int, int, int]:
    """Groups, rows, columns."""
    groups, rows, columns = to_matrix(torch.empty(weight.shape, device="meta")).shape
    return groups, rows, columns


def _scaled(module: Scaled, weight_scale: float, input_range: float) -> Scaled:
    module.scale = torch.tensor([weight_scale, input_range], device=module.crossbar.r_plus.device)
    return module


def _output_quantizer(layer: Any) -> nn.Module:
    return layer.output_quantizer if is_fake_quantised(layer) else nn.Identity()


def _linear_matrix(weight: torch.Tensor) -> torch.Tensor:
    return weight.T[None]


def _linear(layer: Any, placing: Placing) -> nn.Module:
    crossbar, weight_scale = placing.crossbar(LinearCrossbar, layer, _linear_matrix)
    built = MemristorLinear(crossbar, bias=placing.bias(layer.bias), output_quantizer=_output_quantizer(layer))
    return _scaled(built, weight_scale, placing.range_of(layer))


def _conv_matrix(weight: torch.Tensor, groups: int) -> torch.Tensor:
    """:param weight: [groups * columns, channels, *kernel]."""
    return weight.flatten(1).unflatten(0, (groups, -1)).transpose(1, 2)


def _conv(layer: Any, placing: Placing) -> nn.Module:
    crossbar, weight_scale = placing.crossbar(ConvCrossbar, layer, partial(_conv_matrix, groups=layer.groups))
    axes = layer.weight.dim() - 2
    crossbar.kernel = tuple(layer.weight.shape[2:])
    crossbar.stride, crossbar.dilation = _per_axis(layer.stride, axes), _per_axis(layer.dilation, axes)
    built = MemristorConv(
        crossbar,
        padding=_padding(layer, crossbar),
        padding_mode=getattr(layer, "padding_mode", "zeros"),
        bias=placing.bias(layer.bias),
        output_quantizer=_output_quantizer(layer),
    )
    return _scaled(built, weight_scale, placing.range_of(layer))


def _per_axis(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)


def _padding(layer: Any, crossbar: ConvCrossbar) -> list[int]:
    """As functional.pad takes it: before and after, last axis first."""
    totals = [d * (k - 1) for d, k in zip(crossbar.dilation, crossbar.kernel, strict=True)]
    if layer.padding == "same":
        pairs = [(total // 2, total - total // 2) for total in totals]
    else:
        each = 0 if layer.padding == "valid" else layer.padding
        pairs = [(size, size) for size in _per_axis(each, len(totals))]
    return [size for pair in reversed(pairs) for size in pair]


def _recurrent(layer: Any, placing: Placing) -> nn.Module:
    if getattr(layer, "proj_size", 0):
        raise MemristorError(f"Layer {placing.name!r} has proj_size {layer.proj_size}: only LSTMs without it map.")
    inputs, recurrents = [], []
    for suffix in _recurrent_suffixes(layer):
        # Inputs of deeper layers and of recurrent weights are outputs of the layer, within [-1, 1].
        input_range = placing.range_of(layer) if suffix.startswith("_l0") else 1.0
        inputs.append(_recurrent_part(layer, "ih" + suffix, input_range, placing))
        recurrents.append(_recurrent_part(layer, "hh" + suffix, 1.0, placing))
    return MemristorRecurrent(
        step=_STEPS[_recurrent_cell(layer)],
        inputs=inputs,
        recurrents=recurrents,
        directions=2 if layer.bidirectional else 1,
        batch_first=layer.batch_first,
        output_quantizer=_output_quantizer(layer),
    )


_STEPS = {"lstm": lstm_step, "gru": gru_step}


def _recurrent_cell(layer: Any) -> str:
    """`lstm` or `gru`; empty for layers that are not recurrent."""
    if is_fake_quantised_recurrent(layer):
        return layer.recurrent_cell
    return {nn.LSTM: "lstm", nn.GRU: "gru"}.get(type(layer), "")


def _recurrent_suffixes(layer: Any) -> list[str]:
    directions = ("", "_reverse") if layer.bidirectional else ("",)
    return [f"_l{depth}{direction}" for depth in range(layer.num_layers) for direction in directions]


def _recurrent_weight(layer: Any, part: str) -> Any:
    """Something with a `weight`, and with the other members of FakeQuantised if the layer is."""
    if is_fake_quantised_recurrent(layer):
        return layer.quantized_part(part)
    return SimpleNamespace(weight=getattr(layer, f"weight_{part}"))


def _recurrent_part(layer: nn.Module, part: str, input_range: float, placing: Placing) -> ScaledCrossbar:
    weight = _recurrent_weight(layer, part)
    crossbar, weight_scale = placing.crossbar(LinearCrossbar, weight, _linear_matrix, part=part)
    bias = placing.bias(getattr(layer, f"bias_{part}", None))
    return _scaled(ScaledCrossbar(crossbar, bias=bias), weight_scale, input_range)


# Exact types: a subclass may compute something else (the output projection in nn.MultiheadAttention is never called).
_BUILDERS: dict[type, Callable[[Any, Placing], nn.Module]] = {
    nn.Linear: _linear,
    nn.Conv1d: _conv,
    nn.Conv2d: _conv,
    nn.LSTM: _recurrent,
    nn.GRU: _recurrent,
}


def builder_of(layer: nn.Module) -> Callable[[Any, Placing], nn.Module] | None:
    """The function that builds this layer from crossbars; None for layers that stay digital."""
    if is_fake_quantised_recurrent(layer):
        return _recurrent
    if is_fake_quantised(layer):
        return _linear if layer.weight.dim() == 2 else _conv
    return _BUILDERS.get(type(layer))


def weights_of(name: str, layer: Any) -> dict[str, Any]:
    """What carries each weight of a mapped layer, by the name of its crossbar."""
    if not _recurrent_cell(layer):
        return {name: layer}
    parts = [part + suffix for suffix in _recurrent_suffixes(layer) for part in ("ih", "hh")]
    return {f"{name}.{part}": _recurrent_weight(layer, part) for part in parts}


def matrix_shape(layer: Any, weight: Any) -> tuple[int, int, int]:
    """Groups, rows and columns of one of the weights of a mapped layer."""
    linear = weight.weight.dim() == 2
    return _shape(weight.weight, _linear_matrix if linear else partial(_conv_matrix, groups=layer.groups))
