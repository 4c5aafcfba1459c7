"""Callbacks of RETURNN's training config besides the train step: the model, and its parameters for the optimiser."""

from torch import nn

from recipe.formats.checkpoint import load_checkpoint
from recipe.models.protocol import AcousticModel
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig


def returnn_model(
    model: AcousticModel, quantization: QuantizationConfig | None, *, encoder: str | None = None, **_kwargs
) -> nn.Module:
    """RETURNN's `get_model`: a newly initialised network. A resumed training then loads its own state over it.

    :param quantization: None for a float model
    :param encoder: checkpoint that the network's `encoder` starts from
    :param _kwargs: RETURNN's epoch and step, which the model does not depend on
    :raises InputError: when the checkpoint does not fit the encoder
    """
    network = build_model(model, quantization)
    if encoder is not None:
        load_checkpoint(network.get_submodule("encoder"), encoder)
    return network


def one_param_group(*, model: nn.Module, **_kwargs) -> list[dict]:
    """All parameters in one group, so that weight decay also applies to biases and norms (docs/paper.md, Training)."""
    return [{"params": list(model.parameters())}]
