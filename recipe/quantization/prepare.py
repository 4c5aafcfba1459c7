"""Swaps the layers of the Conformer blocks for fake-quantised ones."""

from torch import nn

from recipe.acoustic_model.conformer import SelfAttention
from recipe.acoustic_model.ctc import ConformerCtc
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.layers import QuantizedConv1d, QuantizedLinear

ATTENTION_OPERANDS = ("query", "key", "value", "weights")


def prepare(model: ConformerCtc, config: QuantizationConfig) -> ConformerCtc:
    """Quantise all linears, depthwise convolutions and attention operands of the blocks, in place.

    Front end and output layer stay as they are (docs/paper.md, Quantisation-aware training). Parameters keep their
    names and values, so a float checkpoint loads into the result except for the quantisers' ranges.

    :raises InputError: when no pattern of `config.weight_bits` fits a layer
    """
    for name, module in list(model.named_modules()):
        if not name.startswith("blocks."):
            continue
        if isinstance(module, nn.Linear):
            layer = QuantizedLinear(module, config.weight_bits_of(name), config.activation_bits)
            model.set_submodule(name, layer)
        elif isinstance(module, nn.Conv1d) and config.quantize_depthwise:
            layer = QuantizedConv1d(module, config.weight_bits_of(name), config.activation_bits)
            model.set_submodule(name, layer)
        elif isinstance(module, SelfAttention):
            _prepare_attention(name, module, config)
    return model


def _prepare_attention(name: str, attention: SelfAttention, config: QuantizationConfig) -> None:
    for operand in ATTENTION_OPERANDS:
        setattr(attention, operand, FakeQuantize(config.operand_bits_of(f"{name}.{operand}")))
    if not config.attention_dropout:
        attention.attention_dropout = nn.Identity()
