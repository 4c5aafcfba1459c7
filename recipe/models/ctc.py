"""Connectionist temporal classification: the loss of models whose outputs are labels and blank per frame."""

from collections.abc import Sequence
from itertools import groupby

import torch
from torch import nn

from recipe.models.protocol import Heard


class CtcLoss:
    """CTC on the log posteriors of a network."""

    name = "ctc"

    def __call__(self, network: nn.Module, features, lengths, targets, target_lengths) -> torch.Tensor:
        """See recipe.models.protocol.Loss."""
        log_probs, lengths = network(features, lengths)
        return ctc_loss(log_probs, lengths, targets, target_lengths)

    def constant_loss(self, targets: Sequence[torch.Tensor], frames: Sequence[int], num_outputs: int) -> float:
        """See recipe.models.protocol.Loss."""
        from recipe.models.priors_only import priors_only_loss  # which computes it with ctc_loss

        return priors_only_loss(targets, frames, num_outputs)

    def heard(self, network: nn.Module, features: torch.Tensor, labels: torch.Tensor) -> Heard:
        """See recipe.models.protocol.Loss."""
        log_probs, lengths = network(features[None], torch.tensor([len(features)]))
        length, blank = int(lengths[0]), log_probs.shape[-1] - 1
        path = log_probs[0, :length].argmax(-1)
        loss = ctc_loss(log_probs, lengths, labels[None], torch.tensor([len(labels)])).item()
        return Heard(
            loss=loss,
            frames=length,
            blank_frames=int((path == blank).sum()),
            labels=greedy_labels(path.tolist(), blank),
        )


class CtcNetwork(nn.Module):
    """A network whose `encode` an output layer turns into log posteriors of labels and blank (last)."""

    output: nn.Linear

    def encode(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the output layer takes.

        :param features: [B, T, F] log-mel, zero in the padding
        :param lengths: [B] frames, on any device
        :return: [B, T', D] and lengths [B] on the CPU
        """
        raise NotImplementedError

    def log_probs(self, hidden: torch.Tensor) -> torch.Tensor:
        """[B, T', D] -> log posteriors [B, T', V] float32."""
        return self.output(hidden).float().log_softmax(-1)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log posteriors.

        :param features: [B, T, F] log-mel, zero in the padding
        :param lengths: [B] frames, on any device
        :return: log posteriors [B, T', V] float32 and lengths [B] on the CPU
        """
        hidden, lengths = self.encode(features, lengths)
        return self.log_probs(hidden), lengths

    def run_rest(self, emissions: torch.Tensor) -> None:
        """Nothing: forward runs all layers."""


def greedy_labels(path: Sequence[int], blank: int) -> list[int]:
    """The labels of a path [T]: repetitions merged, then blanks removed."""
    return [label for label, _ in groupby(path) if label != blank]


def ctc_loss(
    log_probs: torch.Tensor, lengths: torch.Tensor, targets: torch.Tensor, target_lengths: torch.Tensor
) -> torch.Tensor:
    """CTC with the last label as blank; an utterance too short for its labels counts 0 (docs/paper.md, Training).

    :param log_probs: [B, T, V]; :param lengths: [B]; :param targets: [B, S]; :param target_lengths: [B]
    :return: negative log likelihood per utterance [B]
    """
    return nn.functional.ctc_loss(
        log_probs.transpose(0, 1),
        targets,
        lengths,
        target_lengths,
        blank=log_probs.shape[-1] - 1,
        reduction="none",
        zero_infinity=True,
    )
