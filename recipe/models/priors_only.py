"""The CTC loss of a model that has learned nothing but how frequent labels and blank are.

CTC training passes a plateau at which the network emits the same distribution in every frame. The best distribution of
this kind sets the loss that a trained model has to beat.
"""

from collections.abc import Sequence

import torch

from recipe.models.ctc import ctc_loss

BLANK_SHARES = (0.1, 0.5, 0.9)
"""Of the distributions that the fit starts from, labels being equally likely: it can end in a local optimum."""
MOST_STEPS = 200
SMALLEST_GAIN = 1e-5
"""Relative decrease of the loss below which the fit ends."""
_SMALLEST_PRIOR = 1e-30


def priors_only_loss(targets: Sequence[torch.Tensor], frames: Sequence[int], num_outputs: int) -> float:
    """Least total loss of one distribution over labels and blank that is emitted in every frame.

    Fitted by expectation maximisation, the best of a few starts; each step computes the losses exactly, by the CTC
    forward recursion. An utterance too short for its labels counts 0, as in training.

    :param targets: label ids of each utterance, [S] int64
    :param frames: output frames of each utterance
    :param num_outputs: labels and blank, which is the last
    :return: negative log likelihood, summed over utterances
    """
    return min(_fitted_loss(_start(share, num_outputs), targets, frames) for share in BLANK_SHARES)


def _start(blank_share: float, num_outputs: int) -> torch.Tensor:
    """A distribution over labels and blank, [V]."""
    priors = torch.full([num_outputs], (1 - blank_share) / (num_outputs - 1), dtype=torch.float64)
    priors[-1] = blank_share
    return priors


def _fitted_loss(priors: torch.Tensor, targets: Sequence[torch.Tensor], frames: Sequence[int]) -> float:
    best = float("inf")
    for _ in range(MOST_STEPS):
        loss, counts = _loss_and_counts(priors, targets, frames)
        if not counts.sum() or loss > best * (1 - SMALLEST_GAIN):
            return min(loss, best)
        best, priors = loss, counts / counts.sum()
    return best


def _loss_and_counts(
    priors: torch.Tensor, targets: Sequence[torch.Tensor], frames: Sequence[int]
) -> tuple[float, torch.Tensor]:
    """Loss of all utterances, and the expected number of frames that their paths spend in each output, [V].

    The gradient of the loss with respect to the logits of an output is its prior in all frames less the expected count.
    """
    logits = priors.clamp(min=_SMALLEST_PRIOR).log().requires_grad_()
    total, used_frames = 0.0, 0
    for labels, length in zip(targets, frames, strict=True):
        log_probs = logits.log_softmax(-1).expand(1, length, -1)
        loss = ctc_loss(log_probs, torch.tensor([length]), labels[None], torch.tensor([len(labels)])).sum()
        if loss > 0:  # 0: no path has all labels, so there is nothing to count
            loss.backward()
            total, used_frames = total + loss.item(), used_frames + length
    if logits.grad is None:
        return total, torch.zeros_like(priors)
    return total, (used_frames * logits.detach().softmax(-1) - logits.grad).clamp(min=0)
