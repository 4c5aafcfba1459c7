"""The transducer loss: minus the log probability of the labels, over all their alignments (arXiv 1211.3711)."""

from collections import Counter
from collections.abc import Sequence
from math import lgamma, log
from typing import cast

import torch
from torch import nn
from torchaudio.functional import rnnt_loss

from recipe.models.ctc import ctc_loss
from recipe.models.protocol import Heard
from recipe.models.transducer_network import TransducerNetwork


class TransducerLoss:
    """The loss on the lattice of a TransducerNetwork, and CTC of its encoder."""

    name = "rnnt"

    def __init__(self, ctc_weight: float):
        """:param ctc_weight: factor of CTC"""
        self.ctc_weight = ctc_weight

    def __call__(self, network: nn.Module, features, lengths, targets, target_lengths) -> torch.Tensor:
        """See recipe.models.protocol.Loss."""
        network = cast(TransducerNetwork, network)
        hidden, lengths = network.encoder.encode(features, lengths)
        ctc = ctc_loss(network.encoder.log_probs(hidden), lengths, targets, target_lengths)
        emissions = network.joiner.encoder(hidden)
        return transducer_loss(network.lattice(emissions, targets), lengths, targets, target_lengths) + (
            self.ctc_weight * ctc
        )

    def constant_loss(self, targets: Sequence[torch.Tensor], frames: Sequence[int], num_outputs: int) -> float:
        """See recipe.models.protocol.Loss. An utterance of T frames and S labels has binomial(T + S - 1, S) alignments,
        which all cost the same, so the best distribution is that of labels and blanks, one in each frame."""
        counts = Counter(label for labels in targets for label in labels.tolist())
        counts[num_outputs - 1] = sum(frames)
        total = counts.total()
        one_alignment = -sum(count * log(count / total) for count in counts.values())
        return one_alignment - sum(
            lgamma(length + len(labels)) - lgamma(length) - lgamma(len(labels) + 1)
            for labels, length in zip(targets, frames, strict=True)
        )

    def heard(self, network: nn.Module, features: torch.Tensor, labels: torch.Tensor) -> Heard:
        """See recipe.models.protocol.Loss; the loss is the transducer's alone."""
        network = cast(TransducerNetwork, network)
        emissions, lengths = network(features[None], torch.tensor([len(features)]))
        lattice = network.lattice(emissions, labels[None])
        loss = transducer_loss(lattice, lengths, labels[None], torch.tensor([len(labels)])).item()
        path = list(network.greedy(emissions[0, : int(lengths[0])]))
        found = [label for label in path if label != network.blank]
        before = [network.blank, *path[:-1]]
        blanks = sum(one == other == network.blank for one, other in zip(before, path, strict=True))
        return Heard(loss=loss, frames=int(lengths[0]), blank_frames=blanks, labels=found)


def transducer_loss(
    logits: torch.Tensor, lengths: torch.Tensor, targets: torch.Tensor, target_lengths: torch.Tensor
) -> torch.Tensor:
    """Per utterance, with the last output as blank.

    :param logits: [B, T, S + 1, V]; :param lengths: [B]; :param targets: [B, S]; :param target_lengths: [B]
    :return: negative log likelihood per utterance [B]
    """
    device, frames = logits.device, int(lengths.max())
    return rnnt_loss(
        logits.float()[:, :frames].contiguous(),
        targets.to(device, torch.int32).contiguous(),
        lengths.to(device, torch.int32),
        target_lengths.to(device, torch.int32),
        blank=logits.shape[-1] - 1,
        reduction="none",
    )
