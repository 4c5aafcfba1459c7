"""What RETURNN's forward task calls: the model of a system, and one batch through it."""

from returnn.frontend import get_run_ctx
from returnn.tensor import Dim, Tensor, TensorDict, batch_dim
from torch import nn

from recipe.code_record import recorded_in_subprocess
from recipe.hardware.spec import ModelSpec, load_model


def returnn_model(spec: ModelSpec, checkpoint: str, **_kwargs) -> nn.Module:
    """RETURNN's get_model; the state comes along, RETURNN itself loads none."""
    return load_model(spec, checkpoint)


@recorded_in_subprocess
def forward_step(*, model: nn.Module, extern_data: TensorDict, **_kwargs) -> None:
    """Mark the emissions of a batch as the output "log_probs": log posteriors [B, T', V], or [B, T', J]."""
    data = extern_data["data"]
    log_probs, lengths = model(data.raw_tensor, data.dims[1].dyn_size_ext.raw_tensor)
    time = Dim(Tensor("frames", dims=[batch_dim], dtype="int32", raw_tensor=lengths.int()), name="frames")
    outputs = Dim(log_probs.shape[-1], name="outputs")
    get_run_ctx().mark_as_output(log_probs, "log_probs", dims=[batch_dim, time, outputs])
