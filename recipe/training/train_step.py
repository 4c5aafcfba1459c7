"""RETURNN's training step: compute the loss of a batch, and stop when it is not finite."""

import torch
from returnn.frontend import get_run_ctx
from returnn.tensor import Tensor, TensorDict
from torch import nn

from recipe.code_record import recorded_in_subprocess
from recipe.models.protocol import Loss
from recipe.quantization.fake_quant import FakeQuantize
from recipe.training.config import SpecAugmentConfig
from recipe.training.distil import Distillation
from recipe.training.specaugment import specaugment


@recorded_in_subprocess
def train_step(
    *,
    model: nn.Module,
    extern_data: TensorDict,
    loss: Loss,
    specaugment_config: SpecAugmentConfig | None,
    accumulate_batches: int = 1,
    distillation: Distillation | None = None,
    **_kwargs,
) -> None:
    """Compute the loss of one batch and mark it for RETURNN.

    The loss is the sum over utterances divided by the number of labels in the batch (docs/paper.md, Training).

    :param model: the network, [B, T, F] -> [B, T', V]
    :param extern_data: "data" [B, T, F] and "targets" [B, S] with their lengths, and "seq_tag" [B]
    :param loss: negative log likelihood per utterance
    :param specaugment_config: masks on the features in training mode; None for none
    :param accumulate_batches: RETURNN sums the gradients of this many batches; the loss is scaled to average them
    :param distillation: takes the place of `loss` in training mode; None for none
    :raises FloatingPointError: naming the step and the utterances whose loss is not finite
    """
    context = get_run_ctx()
    if model.training and torch.distributed.is_initialized():
        _share_ranges(model)
    features, lengths = _batch(extern_data["data"])
    targets, target_lengths = _batch(extern_data["targets"])
    clean = features
    if model.training and specaugment_config is not None:
        features = specaugment(features, specaugment_config)
    noise = getattr(getattr(model, "module", model), "weight_noise", None)  # `module` of what DDP wraps
    if model.training and noise is not None:
        noise.start_step(context.epoch)
    if model.training and distillation is not None:
        tags = [str(tag) for tag in extern_data["seq_tag"].raw_tensor]
        losses = distillation(model, features, clean, lengths, targets, target_lengths, tags)
    else:
        losses = loss(model, features, lengths, targets, target_lengths)
    _check_finite(losses, context.step, extern_data["seq_tag"].raw_tensor)
    num_labels = Tensor("num_labels", dims=[], dtype="int64", raw_tensor=target_lengths.sum())
    context.mark_as_loss(
        losses.sum(),
        loss.name,
        dims=[],
        custom_inv_norm_factor=num_labels,
        use_normalized_loss=True,
        scale=1.0 / accumulate_batches,
    )


def _batch(data: Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Values [B, T, ...] and lengths [B] (on the CPU) of a RETURNN tensor."""
    return data.raw_tensor, data.dims[1].dyn_size_ext.raw_tensor


def _share_ranges(model: nn.Module) -> None:
    """Give the quantisers of all processes the widest range that any process has seen."""
    quantizers = (module for module in model.modules() if isinstance(module, FakeQuantize))
    # those of columns are of weights, which are the same in all processes
    ranges: list[torch.Tensor] = [one.range for one in quantizers if one.range.dim() == 0]
    if ranges:
        widest = torch.stack(ranges)
        torch.distributed.all_reduce(widest, torch.distributed.ReduceOp.MAX)
        for one, value in zip(ranges, widest, strict=True):
            one.copy_(value)


def _check_finite(losses: torch.Tensor, step: int, tags) -> None:
    bad = (~losses.detach().isfinite()).nonzero().flatten().tolist()
    if bad:
        names = ", ".join(str(tags[index]) for index in bad)
        raise FloatingPointError(f"the loss is not finite in step {step}, utterances {names}; lower the learning rate")
