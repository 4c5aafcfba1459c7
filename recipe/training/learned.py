"""Whether a training learned anything: its model against constant priors, on a sample of dev."""

from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from os import PathLike
from typing import NamedTuple

import torch
from torch import nn

from recipe.errors import InputError
from recipe.features.config import name_at_speed_1
from recipe.formats.checkpoint import load_checkpoint
from recipe.formats.hdf import HdfReader
from recipe.formats.learned import Learned
from recipe.models.protocol import AcousticModel, Heard, Loss
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.training.label_errors import errors_and_deletions
from recipe.training.segments import segments_of

MOST_UTTERANCES = 100
LARGEST_SHARE_OF_PRIORS_LOSS = 0.9
"""A model whose loss is above this share of the loss of constant priors has not left CTC's plateau."""


def judge(
    checkpoint: str | PathLike,
    model: AcousticModel,
    quantization: QuantizationConfig | None,
    features: Sequence[str],
    targets: str,
) -> Learned:
    """Run a trained model over up to MOST_UTTERANCES evenly spaced utterances, on the CPU.

    :param quantization: None for a float model
    :param features: HDF files of log-mel frames of dev
    :param targets: HDF file of label ids of dev; only segments with targets are used
    :raises InputError: when a file is damaged, or the checkpoint does not fit the model
    """
    network = load_checkpoint(build_model(model, quantization), checkpoint).eval()
    return measure(network, model.loss(), sample(features, targets), model.num_outputs)


def sample(features: Sequence[str], targets: str) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Frames [T, F] and label ids [S] int64 of evenly spaced utterances."""
    tags = segments_of(features, targets).labelled
    with HdfReader(*features) as frames, HdfReader(targets) as labels:
        for tag in tags[:: ceil(len(tags) / MOST_UTTERANCES)]:
            yield torch.from_numpy(frames[tag]), torch.from_numpy(labels[name_at_speed_1(tag)]).to(torch.int64)


class _Measured(NamedTuple):
    """One utterance."""

    labels: torch.Tensor
    frames: int
    loss: float
    blank_frames: int
    errors: int
    deletions: int


def measure(
    network: nn.Module, loss: Loss, utterances: Iterable[tuple[torch.Tensor, torch.Tensor]], num_outputs: int
) -> Learned:
    """The verdict on a network in evaluation mode.

    :param loss: that it was trained with
    :param utterances: pairs of frames [T, F] and label ids [S]
    :param num_outputs: labels and blank, which is the last
    """
    measured = [_measured(network, loss, frames, labels) for frames, labels in utterances]
    num_labels, num_frames, errors, blank_frames = (
        sum(counts)
        for counts in zip(
            *((len(one.labels), one.frames, one.errors, one.blank_frames) for one in measured), strict=True
        )
    )
    loss_per_label = sum(one.loss for one in measured) / num_labels
    frames = [one.frames for one in measured]
    priors_loss = loss.constant_loss([one.labels for one in measured], frames, num_outputs) / num_labels
    return Learned(
        learned=loss_per_label <= LARGEST_SHARE_OF_PRIORS_LOSS * priors_loss and blank_frames < num_frames,
        loss=loss_per_label,
        priors_loss=priors_loss,
        blank_share=blank_frames / num_frames,
        deletion_share=sum(one.deletions for one in measured) / max(1, errors),
        label_error_percent=100 * errors / num_labels,
        utterances=len(measured),
    )


def _measured(network: nn.Module, loss: Loss, frames: torch.Tensor, labels: torch.Tensor) -> _Measured:
    with torch.no_grad():
        heard: Heard = loss.heard(network, frames, labels)
    errors, deletions = errors_and_deletions(labels.tolist(), heard.labels)
    return _Measured(labels, heard.frames, heard.loss, heard.blank_frames, errors, deletions)


def figures(judged: Learned) -> str:
    """The figures in words, for the log."""
    return (
        f"loss {judged.loss:.3g} per label on {judged.utterances} utterances of dev, {judged.priors_loss:.3g} with "
        f"constant priors; {100 * judged.blank_share:.1f} % of the frames of the greedy path are blank, "
        f"{100 * judged.deletion_share:.0f} % of its label errors deletions, label error rate "
        f"{judged.label_error_percent:.1f} %"
    )


def require_learned(judged: Learned, name: str) -> None:
    """Stop where a model is of no use.

    :param name: what the training is called, `mini/training/qat-3`
    :raises InputError: when it did not learn
    """
    if judged.learned:
        return
    raise InputError(
        f"{name} did not learn: its dev loss is {judged.loss:.3g} per label where constant priors over labels and "
        f"blank have {judged.priors_loss:.3g} ({LARGEST_SHARE_OF_PRIORS_LOSS:g} of that is the limit), and "
        f"{100 * judged.blank_share:.1f} % of its frames are blank; give it more updates (TrainingConfig.min_updates), "
        "more training data or another peak learning rate, or let the graph go on with "
        "TrainingConfig(allow_unlearned=True)"
    )
