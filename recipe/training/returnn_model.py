"""What RETURNN's training config calls besides the train step: the model, and its parameters for the optimiser."""

from torch import nn

from recipe.models.protocol import AcousticModel
from recipe.quantization.build import build_model
from recipe.quantization.config import QuantizationConfig


def returnn_model(model: AcousticModel, quantization: QuantizationConfig | None, **_kwargs) -> nn.Module:
    """RETURNN's get_model."""
    return build_model(model, quantization)


def one_param_group(*, model: nn.Module, **_kwargs) -> list[dict]:
    """All parameters in one group: weight decay on biases and norms as well, as published (docs/paper.md, Training)."""
    return [{"params": list(model.parameters())}]
