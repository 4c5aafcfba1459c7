"""Building a model from its values."""

from torch import nn

from recipe.errors import InputError
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.prepare import prepare


def build_model(model: AcousticModel, quantization: QuantizationConfig | None = None) -> nn.Module:
    """A newly initialised model (torch's global generator).

    The initial weights depend on whether `quantization` is given, not on its settings.

    :raises InputError: when nothing of the model can be quantised, or its front end is asked for and it names none
    """
    network = model.build(quantized=quantization is not None)
    if quantization is None:
        return network
    frontend: tuple[str, ...] = getattr(model, "frontend_layers", ()) if quantization.quantize_frontend else ()
    if quantization.quantize_frontend and not frontend:
        raise InputError(f"{type(model).__name__} has no frontend_layers; leave quantize_frontend out")
    return prepare(network, model.quantized_layers + frontend, quantization)
