import itertools
import math

import pytest
import torch

from recipe.models.conformer import ConformerConfig
from recipe.models.conformer_network import ConformerCtc
from recipe.models.ctc import ctc_loss

CONFIG = ConformerConfig(
    num_labels=5,
    frontend_channels=(2, 2, 2, 2),
    model_dim=16,
    feed_forward_dim=16,
    num_blocks=2,
    conv_kernel=3,
)


def brute_force(log_probs: torch.Tensor, target: list[int]) -> float:
    """Minus log of the sum over all label paths of [T, V] that collapse to `target`; the last label is blank."""
    frames, size = log_probs.shape
    total = 0.0
    for path in itertools.product(range(size), repeat=frames):
        collapsed = [label for label, _ in itertools.groupby(path) if label != size - 1]
        if collapsed == target:
            total += math.exp(sum(float(log_probs[t, label]) for t, label in enumerate(path)))
    return -math.log(total)


def test_loss_is_the_sum_over_paths_with_the_last_label_as_blank():
    log_probs = torch.randn(2, 4, 4, dtype=torch.float64).log_softmax(-1)
    losses = ctc_loss(log_probs, torch.tensor([4, 3]), torch.tensor([[0, 2], [1, 1]]), torch.tensor([2, 2]))
    assert losses[0].item() == pytest.approx(brute_force(log_probs[0], [0, 2]))
    assert losses[1].item() == pytest.approx(brute_force(log_probs[1, :3], [1, 1]))


def test_an_utterance_too_short_for_its_labels_counts_nothing():
    log_probs = torch.randn(1, 2, 4).log_softmax(-1).requires_grad_()
    loss = ctc_loss(log_probs, torch.tensor([2]), torch.tensor([[0, 0]]), torch.tensor([2]))
    loss.sum().backward()
    assert loss.tolist() == [0.0] and not log_probs.grad.any()


def test_posteriors_are_normalised_and_have_the_reduced_lengths():
    model = ConformerCtc(CONFIG).eval()
    log_probs, lengths = model(torch.randn(3, 50, 80), torch.tensor([50, 37, 8]))
    assert log_probs.shape == (3, 12, 6) and lengths.tolist() == [12, 10, 2]
    torch.testing.assert_close(log_probs.exp().sum(-1), torch.ones(3, 12))


def test_the_order_of_utterances_in_a_batch_does_not_matter():
    model = ConformerCtc(CONFIG).eval()
    features, lengths = torch.randn(3, 50, 80), torch.tensor([50, 37, 8])
    forward, _ = model(features, lengths)
    backward, _ = model(features.flip(0), lengths.flip(0))
    torch.testing.assert_close(forward, backward.flip(0))


def test_frames_far_in_the_padding_do_not_reach_valid_ones():
    # Convolutions see a few frames into the padding, as published; attention sees none of it.
    model = ConformerCtc(CONFIG).eval()
    features, lengths = torch.randn(2, 120, 80), torch.tensor([120, 40])
    before, _ = model(features, lengths)
    features[1, 80:] = 5.0
    after, _ = model(features, lengths)
    torch.testing.assert_close(before[1, :10], after[1, :10])
    assert not torch.equal(before[1, 25:], after[1, 25:])
