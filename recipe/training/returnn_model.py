"""Callbacks of RETURNN's training config besides the train step: the model, and its parameters for the optimiser."""

from torch import nn

from recipe.formats.checkpoint import load_checkpoint
from recipe.models.protocol import AcousticModel
from recipe.quantization.build_model import build_model
from recipe.quantization.calibrate import load_start
from recipe.quantization.config import QuantizationConfig
from recipe.training.options import Noise


def returnn_model(
    model: AcousticModel,
    quantization: QuantizationConfig | None,
    *,
    encoder: str | None = None,
    start: str | None = None,
    noise: Noise | None = None,
    num_sub_epochs: int = 1,
    **_kwargs,
) -> nn.Module:
    """RETURNN's `get_model`: a newly initialised network. A resumed training then loads its own state over it.

    :param quantization: None for a float model
    :param encoder: checkpoint that the network's `encoder` starts from
    :param start: checkpoint that the network starts from, of the float model or of a quantised one
    :param noise: on its weights in training
    :param num_sub_epochs: of the training
    :param _kwargs: RETURNN's epoch and step, which the model does not depend on
    :raises InputError: when a checkpoint does not fit the encoder, or the network
    """
    network = build_model(model, quantization)
    if encoder is not None:
        load_checkpoint(network.get_submodule("encoder"), encoder)
    if start is not None:
        load_start(network, start)
    if noise is not None:
        from recipe.training.weight_noise import NoiseControl  # loads the simulator

        network.weight_noise = NoiseControl(network, noise, num_sub_epochs)  # type: ignore[assignment]
    return network


def one_param_group(*, model: nn.Module, **_kwargs) -> list[dict]:
    """All parameters in one group, so that weight decay also applies to biases and norms (docs/paper.md, Training)."""
    return [{"params": list(model.parameters())}]
