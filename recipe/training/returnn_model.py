"""Callbacks of RETURNN's training config besides the train step: the model, and its parameters for the optimiser."""

from torch import nn

from recipe.models.protocol import AcousticModel
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig


def returnn_model(model: AcousticModel, quantization: QuantizationConfig | None, **_kwargs) -> nn.Module:
    """RETURNN's `get_model`: a newly initialised network.

    :param quantization: None for a float model
    :param _kwargs: RETURNN's epoch and step, which the model does not depend on
    """
    return build_model(model, quantization)


def one_param_group(*, model: nn.Module, **_kwargs) -> list[dict]:
    """All parameters in one group, so that weight decay also applies to biases and norms (docs/paper.md, Training)."""
    return [{"params": list(model.parameters())}]
