"""Building a model from its values, and checkpoints in RETURNN's form."""

import io
import os

import torch
from torch import nn

from recipe.errors import InputError
from recipe.files import require_whole_zip, written_aside
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


def load_checkpoint(module: nn.Module, path: str | os.PathLike) -> nn.Module:
    """Load the state of a RETURNN checkpoint (a dict with "model") into `module`, every name matching.

    :raises InputError: naming the first tensor that does not fit
    """
    state = read_checkpoint(path)
    own = module.state_dict()
    for name in [*state, *own]:
        if name not in own or name not in state or _shape(own[name]) != _shape(state[name]):
            raise InputError(f"checkpoint {path}: {name} does not fit the model; give the one it was made with")
    module.load_state_dict(state)
    return module


def read_checkpoint(path: str | os.PathLike) -> dict[str, torch.Tensor]:
    """The state dict of a RETURNN checkpoint, on the CPU. :raises InputError: when it is damaged or none"""
    try:
        require_whole_zip(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
        return content["model"]
    except FileNotFoundError:
        raise InputError(f"checkpoint {path} does not exist; give the path of a .pt file") from None
    except Exception as error:
        raise InputError(
            f"checkpoint {path} cannot be read as a dict with 'model' ({type(error).__name__}: {error}); "
            "run the job that writes it again"
        ) from error


def _shape(value) -> tuple | None:
    """None for what is no tensor, such as a layer's text about itself."""
    return getattr(value, "shape", None)


def save_checkpoint(module: nn.Module, path: str | os.PathLike) -> None:
    """Write a module's state: equal states give equal bytes."""
    save_state(module.state_dict(), path)


def save_state(state: dict, path: str | os.PathLike) -> None:
    """Write {"model": state} with its tensors on the CPU."""
    state = {name: value.detach().cpu() if isinstance(value, torch.Tensor) else value for name, value in state.items()}
    buffer = io.BytesIO()  # torch.save to a path would store the name of that path
    torch.save({"model": state}, buffer)
    with written_aside(path) as scratch:
        scratch.write_bytes(buffer.getbuffer())
