"""Building a model from its values."""

from dataclasses import replace

from recipe.acoustic_model.config import ConformerConfig
from recipe.acoustic_model.ctc import ConformerCtc
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.prepare import prepare


def build_model(model: ConformerConfig, quantization: QuantizationConfig | None = None) -> ConformerCtc:
    """A fresh model, drawn from torch's global generator; of `quantization` the draw sees only whether there is one."""
    if quantization is None:
        return ConformerCtc(model)
    return prepare(ConformerCtc(replace(model, xavier_attention=False)), quantization)
