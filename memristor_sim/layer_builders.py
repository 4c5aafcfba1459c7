"""Which layers can be mapped to crossbars, what weights they have, and how each is built from them.

A new layer type is a `LayerKind` in `_KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol

import torch
from torch import nn
from torch.nn.utils import parametrize

from memristor_sim.folding import folded, move_hooks
from memristor_sim.modules.attention import MemristorAttention
from memristor_sim.modules.conv import ConvCrossbar, MemristorConv, MemristorConvTranspose
from memristor_sim.modules.linear import MemristorBilinear, MemristorLinear
from memristor_sim.modules.programmed import keep_attributes
from memristor_sim.modules.recurrent import MemristorCell, MemristorRecurrent
from memristor_sim.parts import (
    INPUTS_FIRST,
    OUTPUTS_FIRST,
    Layout,
    Part,
    bilinear,
    convolution,
    transposed_convolution,
)
from memristor_sim.weights import is_fake_quantised, is_fake_quantised_recurrent


class Maker(Protocol):
    """What makes the parts of a layer: a `Placing`, or `DigitalParts` while a model is calibrated."""

    def part(self, part: Part, name: str = "", *, fallback: float | None = None) -> Any:
        """One weight as a module."""
        ...


Build = Callable[[Any, dict[str, Part], Any], nn.Module]
"""The programmed form of a layer with these parts, made by a Maker."""


@dataclass(frozen=True, kw_only=True)
class LayerKind:
    """One type of layers."""

    parts: Callable[[Any], dict[str, Part]]
    """The weights of a layer; the name of the only one is empty."""
    build: Build
    vectors: Callable[[Any, torch.Tensor, Any], float] = lambda _, x, y: x.numel() / max(1, x.shape[-1])
    """How many vectors every weight of a layer was multiplied with, from the first input and the output."""
    inner_inputs: Callable[[Any], bool] = lambda _: False
    """Whether the inputs of its parts must be seen inside it, by building it from digital parts."""


def _output_quantizer(layer: Any) -> nn.Module:
    return layer.output_quantizer if is_fake_quantised(layer) else nn.Identity()


def _single(layer: Any, layout: Layout, **kwargs: Any) -> dict[str, Part]:
    input_range = float(layer.input_range) if is_fake_quantised(layer) else None
    return {"": Part(carrier=layer, layout=layout, bias=layer.bias, input_range=input_range, **kwargs)}


def _linear_parts(layer: Any) -> dict[str, Part]:
    return _single(layer, OUTPUTS_FIRST)


def _linear(layer: Any, parts: dict[str, Part], placing: Any) -> nn.Module:
    return placing.built(MemristorLinear, parts[""], output_quantizer=_output_quantizer(layer))


def _inputs_first_parts(layer: Any) -> dict[str, Part]:
    return _single(layer, INPUTS_FIRST)


def _bilinear_parts(layer: Any) -> dict[str, Part]:
    return _single(layer, bilinear(layer.weight))


def _bilinear(layer: Any, parts: dict[str, Part], placing: Any) -> nn.Module:
    return placing.built(MemristorBilinear, parts[""], output_quantizer=_output_quantizer(layer))


def _conv_parts(layer: Any) -> dict[str, Part]:
    axes = layer.weight.dim() - 2
    geometry = (
        ("kernel", tuple(layer.weight.shape[2:])),
        ("stride", _per_axis(layer.stride, axes)),
        ("dilation", _per_axis(layer.dilation, axes)),
    )
    return _single(layer, convolution(layer.weight, layer.groups), kind=ConvCrossbar, geometry=geometry)


def _conv(layer: Any, parts: dict[str, Part], placing: Any) -> nn.Module:
    return placing.built(
        MemristorConv,
        parts[""],
        pads=_padding(layer, dict(parts[""].geometry)),
        padding_mode=getattr(layer, "padding_mode", "zeros"),
        output_quantizer=_output_quantizer(layer),
    )


def _per_axis(value: int | tuple[int, ...], axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)


def _padding(layer: Any, geometry: dict[str, tuple[int, ...]]) -> list[int]:
    """As functional.pad takes it: before and after, last axis first."""
    totals = [d * (k - 1) for d, k in zip(geometry["dilation"], geometry["kernel"], strict=True)]
    if layer.padding == "same":
        pairs = [(total // 2, total - total // 2) for total in totals]
    else:
        each = 0 if layer.padding == "valid" else layer.padding
        pairs = [(size, size) for size in _per_axis(each, len(totals))]
    return [size for pair in reversed(pairs) for size in pair]


def _conv_transpose_parts(layer: Any) -> dict[str, Part]:
    axes = layer.weight.dim() - 2
    geometry = tuple((name, (1,) * axes) for name in ("kernel", "stride", "dilation"))
    return _single(layer, transposed_convolution(layer.weight, layer.groups), kind=ConvCrossbar, geometry=geometry)


def _conv_transpose(layer: Any, parts: dict[str, Part], placing: Any) -> nn.Module:
    return placing.built(MemristorConvTranspose, parts[""], output_quantizer=_output_quantizer(layer))


def _recurrent_cell(layer: Any) -> str:
    """The key of modules.recurrent.STEPS."""
    if is_fake_quantised_recurrent(layer):
        return layer.recurrent_cell
    if isinstance(layer, nn.RNNCell):
        return f"rnn_{layer.nonlinearity}"
    if isinstance(layer, nn.RNNCellBase):
        return "lstm" if isinstance(layer, nn.LSTMCell) else "gru"
    return layer.mode.lower()


def _recurrent_part(layer: Any, part: str, input_range: float) -> Part:
    bias = getattr(layer, f"bias_{part}", None)
    if is_fake_quantised_recurrent(layer):
        return Part(carrier=layer.quantized_part(part), layout=OUTPUTS_FIRST, bias=bias, input_range=input_range)
    return Part(carrier=SimpleNamespace(weight=getattr(layer, f"weight_{part}")), layout=OUTPUTS_FIRST, bias=bias)


def _recurrent_parts(layer: Any) -> dict[str, Part]:
    directions = ("", "_reverse") if layer.bidirectional else ("",)
    weights = ("ih", "hh", "hr") if getattr(layer, "proj_size", 0) else ("ih", "hh")
    parts = {}
    for suffix in (f"_l{depth}{direction}" for depth in range(layer.num_layers) for direction in directions):
        for weight in weights:
            first = weight == "ih" and suffix.startswith("_l0") and is_fake_quantised(layer)
            parts[weight + suffix] = _recurrent_part(layer, weight + suffix, float(layer.input_range) if first else 1.0)
    return parts


def _unbounded(layer: Any) -> bool:
    """Whether outputs may leave [-1, 1]."""
    return bool(getattr(layer, "proj_size", 0)) or _recurrent_cell(layer) == "rnn_relu"


def _recurrent(layer: Any, parts: dict[str, Part], maker: Maker) -> nn.Module:
    made: dict[str, list[nn.Module]] = {"ih": [], "hh": [], "hr": []}
    for name, part in parts.items():
        # Inputs of deeper layers and of recurrent weights are outputs of the layer, mostly within [-1, 1]; those of
        # projections always are.
        outer = name.startswith("ih_l0") or (_unbounded(layer) and not name.startswith("hr"))
        made[name[:2]].append(maker.part(part, name, fallback=None if outer else 1.0))
    return MemristorRecurrent(
        cell=_recurrent_cell(layer),
        inputs=made["ih"],
        recurrents=made["hh"],
        projections=made["hr"],
        directions=2 if layer.bidirectional else 1,
        batch_first=layer.batch_first,
        output_quantizer=_output_quantizer(layer),
    )


def _cell_parts(layer: Any) -> dict[str, Part]:
    return {part: _recurrent_part(layer, part, 1.0) for part in ("ih", "hh")}


def _cell(layer: Any, parts: dict[str, Part], maker: Maker) -> nn.Module:
    fallback = None if _unbounded(layer) else 1.0
    inputs, recurrents = maker.part(parts["ih"], "ih"), maker.part(parts["hh"], "hh", fallback=fallback)
    return MemristorCell(cell=_recurrent_cell(layer), inputs=inputs, recurrents=recurrents)


def _attention_parts(layer: Any) -> dict[str, Part]:
    if layer._qkv_same_embed_dim:
        weights = layer.in_proj_weight.chunk(3)
    else:
        weights = (layer.q_proj_weight, layer.k_proj_weight, layer.v_proj_weight)
    names = ("q_proj", "k_proj", "v_proj")
    parts = {
        name: Part(carrier=SimpleNamespace(weight=weight), layout=OUTPUTS_FIRST)
        for name, weight in zip(names, weights, strict=True)
    }
    return parts | {"out_proj": Part(carrier=layer.out_proj, layout=OUTPUTS_FIRST, bias=layer.out_proj.bias)}


def _attention(layer: Any, parts: dict[str, Part], maker: Any) -> nn.Module:
    digital_bias = maker.hardware.digital_bias
    return MemristorAttention(
        projections={
            name: maker.built(MemristorLinear, part, name, output_quantizer=nn.Identity())
            for name, part in parts.items()
        },
        in_proj_bias=layer.in_proj_bias if digital_bias else None,
        bias_k=layer.bias_k,
        bias_v=layer.bias_v,
    )


_LINEAR = LayerKind(parts=_linear_parts, build=_linear)
_CONV = LayerKind(parts=_conv_parts, build=_conv, vectors=lambda layer, x, y: y.numel() / layer.out_channels)
_CONV_TRANSPOSE = LayerKind(
    parts=_conv_transpose_parts, build=_conv_transpose, vectors=lambda layer, x, y: x.numel() / layer.in_channels
)
_RECURRENT = LayerKind(parts=_recurrent_parts, build=_recurrent, inner_inputs=_unbounded)
_CELL = LayerKind(parts=_cell_parts, build=_cell, inner_inputs=_unbounded)
# Exact types: a subclass may compute something else (the output projection in nn.MultiheadAttention is never called).
_KINDS: dict[type, LayerKind] = {
    nn.Linear: _LINEAR,
    nn.Bilinear: LayerKind(parts=_bilinear_parts, build=_bilinear),
    nn.Conv1d: _CONV,
    nn.Conv2d: _CONV,
    nn.Conv3d: _CONV,
    nn.ConvTranspose1d: _CONV_TRANSPOSE,
    nn.ConvTranspose2d: _CONV_TRANSPOSE,
    nn.ConvTranspose3d: _CONV_TRANSPOSE,
    nn.LSTM: _RECURRENT,
    nn.GRU: _RECURRENT,
    nn.RNN: _RECURRENT,
    nn.LSTMCell: _CELL,
    nn.GRUCell: _CELL,
    nn.RNNCell: _CELL,
    nn.MultiheadAttention: LayerKind(parts=_attention_parts, build=_attention, inner_inputs=lambda _: True),
}
_KINDS_BY_NAME = {"transformers.pytorch_utils.Conv1D": LayerKind(parts=_inputs_first_parts, build=_linear)}
"""Types of packages that this one does not need."""


def kind_of(layer: nn.Module, subclasses: tuple[type, ...] = ()) -> LayerKind | None:
    """How this layer is mapped; None for layers that stay digital.

    :param subclasses: further types that compute what the mappable type does from which they descend.
    """
    if is_fake_quantised_recurrent(layer):
        return _RECURRENT
    if is_fake_quantised(layer):
        return _LINEAR if layer.weight.dim() == 2 else _CONV
    own = _plain_type(layer)
    if own in subclasses:
        own = next((parent for parent in own.__mro__ if parent in _KINDS), own)
    return _KINDS.get(own) or _KINDS_BY_NAME.get(f"{own.__module__}.{own.__qualname__}")


def parent_kind(layer: nn.Module) -> type | None:
    """The mappable type from which that of the layer descends, if it is not mappable itself."""
    own = _plain_type(layer)
    return None if own in _KINDS else next((parent for parent in own.__mro__ if parent in _KINDS), None)


def _plain_type(layer: nn.Module) -> type:
    """Without what torch.nn.utils.parametrize makes of it."""
    return parametrize.type_before_parametrizations(layer)


def built_layer(layer: nn.Module, kind: LayerKind, placing: Any) -> nn.Module:
    """The layer on crossbars, with the public attributes of the original and its mode."""
    with folded(layer):
        built = kind.build(layer, kind.parts(layer), placing)
    keep_attributes(built, layer)
    move_hooks(layer, built)
    return built.train(layer.training)


def weights_of(name: str, layer: Any) -> dict[str, Any]:
    """What carries each weight of a mapped layer, by the name of its crossbar."""
    parts = _required_kind(layer).parts(layer)
    return {".".join(filter(None, (name, part))): one.carrier for part, one in parts.items()}


def matrix_shape(layer: Any, weight: Any) -> tuple[int, int, int]:
    """Groups, rows and columns of one of the weights of a mapped layer.

    :param weight: of `weights_of`.
    """
    parts = list(_required_kind(layer).parts(layer).values())
    return parts[0].shape if len(parts) == 1 else Part(carrier=weight, layout=OUTPUTS_FIRST).shape


def _required_kind(layer: Any) -> LayerKind:
    kind = kind_of(layer)
    assert kind is not None, layer
    return kind
