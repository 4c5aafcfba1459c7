"""Building a model from its values."""

from torch import nn

from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.prepare import prepare


def build_model(model: AcousticModel, quantization: QuantizationConfig | None = None) -> nn.Module:
    """A newly initialised model (torch's global generator).

    The initial weights depend on whether `quantization` is given, not on its settings.

    :raises InputError: when nothing of the model can be quantised
    """
    network = model.build(quantized=quantization is not None)
    return network if quantization is None else prepare(network, model.quantized_layers, quantization)
