"""Connectionist temporal classification: the loss of models whose outputs are labels and blank per frame."""

import torch
from torch import nn


class CtcLoss:
    """CTC on the log posteriors of a network."""

    name = "ctc"

    def __call__(self, network: nn.Module, features, lengths, targets, target_lengths) -> torch.Tensor:
        """See recipe.models.protocol.Loss."""
        log_probs, lengths = network(features, lengths)
        return ctc_loss(log_probs, lengths, targets, target_lengths)


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
