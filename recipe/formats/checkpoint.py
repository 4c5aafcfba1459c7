"""model.pt: the state of a model in RETURNN's form, a dict with the state dict under "model"."""

import io
from os import PathLike

import torch
from torch import nn

from recipe.errors import InputError
from recipe.files import require_whole_zip, written_aside


def save_checkpoint(module: nn.Module, path: str | PathLike) -> None:
    """Write the state of a module: equal states give equal bytes."""
    save_state(module.state_dict(), path)


def save_state(state: dict, path: str | PathLike) -> None:
    """Write {"model": state} with its tensors on the CPU."""
    state = {name: value.detach().cpu() if isinstance(value, torch.Tensor) else value for name, value in state.items()}
    buffer = io.BytesIO()  # torch.save to a path would store the name of that path
    torch.save({"model": state}, buffer)
    with written_aside(path) as scratch:
        scratch.write_bytes(buffer.getbuffer())


def read_checkpoint(path: str | PathLike) -> dict[str, torch.Tensor]:
    """The state dict, on the CPU.

    :raises InputError: when the file is missing, damaged or no checkpoint
    """
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


def load_checkpoint(module: nn.Module, path: str | PathLike) -> nn.Module:
    """Load the state into `module`, every name matching; returns the module.

    :raises InputError: naming the first tensor that does not fit
    """
    state = read_checkpoint(path)
    own = module.state_dict()
    for name in [*state, *own]:
        if name not in own or name not in state or _shape(own[name]) != _shape(state[name]):
            raise InputError(f"checkpoint {path}: {name} does not fit the model; give the one it was made with")
    module.load_state_dict(state)
    return module


def _shape(value: object) -> tuple | None:
    """None for what is no tensor, such as a layer's text about itself."""
    return getattr(value, "shape", None)
