"""Replaces layers of a network by fake-quantised ones."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from recipe.errors import InputError
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.layers import QuantizedConv1d, QuantizedConv2d, QuantizedLinear, QuantizedLstm
from recipe.quantization.tiled import TiledLinear

Quantize = Callable[[Any, str, QuantizationConfig], nn.Module]
"""A layer and its name to the quantised layer."""


def _whole(kind: Callable[..., nn.Module]) -> Quantize:
    return lambda layer, name, config: kind(layer, config.weight_bits_of(name), config.activation_bits, config)


def _linear(layer: nn.Linear, name: str, config: QuantizationConfig) -> nn.Module:
    if config.tile is None:
        return _whole(QuantizedLinear)(layer, name, config)
    return TiledLinear(layer, lambda block: config.weight_bits_of(f"{name}.{block}"), config)


QUANTIZED: dict[type[nn.Module], Quantize] = {
    nn.Linear: _linear,
    nn.Conv1d: _whole(QuantizedConv1d),
    nn.Conv2d: _whole(QuantizedConv2d),
    nn.LSTM: _whole(QuantizedLstm),
}


def prepare(network: nn.Module, patterns: tuple[str, ...], config: QuantizationConfig) -> nn.Module:
    """Quantise the linear layers, convolutions, LSTMs and attention operands that match, in place.

    A module may list names of identities that values pass through as `quantized_operands`; they become quantisers.
    Parameters keep their names and values, so a float checkpoint fits the result except for the quantisers' ranges;
    with `config.tile`, once its weights are divided (`tiled.split_state`).

    :param patterns: shell-style patterns of module names; modules that match none stay as they are
    :param config: widths, and which layers and operands are quantised
    :return: `network`
    :raises InputError: when no layer matches, or a layer matches no pattern of `config.weight_bits`
    """
    swapped = 0
    for name, module in list(network.named_modules()):
        if not any(fnmatchcase(name, pattern) for pattern in patterns):
            continue
        for operand in getattr(module, "quantized_operands", ()):
            setattr(module, operand, FakeQuantize(config.operand_bits_of(f"{name}.{operand}")))
        if hasattr(module, "attention_dropout") and not config.attention_dropout:
            module.attention_dropout = nn.Identity()
        quantized = _quantize_of(module, config)
        if quantized is not None:
            network.set_submodule(name, quantized(module, name, config))
            swapped += 1
    if not swapped:
        raise InputError(
            f"no linear, convolution or LSTM of {type(network).__name__} matches its quantized_layers {patterns}; "
            "name layers to quantise there, or use float systems alone"
        )
    return network


def _quantize_of(module: nn.Module, config: QuantizationConfig) -> Quantize | None:
    if isinstance(module, nn.Conv1d) and not config.quantize_depthwise:
        return None
    return next((quantized for kind, quantized in QUANTIZED.items() if isinstance(module, kind)), None)
