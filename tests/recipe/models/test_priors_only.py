"""The loss of constant priors, against every path of tiny cases."""

from itertools import groupby, product
from math import log

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from recipe.models.priors_only import _loss_and_counts, priors_only_loss

CASES = st.lists(
    st.tuples(st.lists(st.integers(0, 1), max_size=3), st.integers(1, 5)),  # labels, frames; 2 labels and blank
    min_size=1,
    max_size=3,
)


def paths(labels, frames, blank=2):
    """All paths [P, T] that stand for the labels."""
    every = product(range(blank + 1), repeat=frames)
    return np.array([p for p in every if [k for k, _ in groupby(p) if k != blank] == list(labels)]).reshape(-1, frames)


def counted(labels, frames):
    """How often each path has each output, [P, 3]."""
    found = paths(labels, frames)
    return np.stack([(found == output).sum(1) for output in range(3)], axis=1)


def brute_force_losses(cases, priors):
    """Of each distribution [N, 3] in all frames; a case without any path counts 0."""
    counts = [counted(*case) for case in cases]
    return sum(-np.log(np.prod(priors[:, None] ** found, axis=2).sum(1)) for found in counts if len(found))


def tensors(cases):
    return [torch.tensor(labels, dtype=torch.int64) for labels, _ in cases], [frames for _, frames in cases]


@settings(max_examples=40, deadline=None)
@given(cases=CASES, weights=st.tuples(*[st.floats(0.05, 1.0)] * 3))
def test_loss_and_counts_are_those_of_all_paths(cases, weights):
    priors = np.array(weights) / sum(weights)
    loss, counts = _loss_and_counts(torch.tensor(priors), *tensors(cases))
    assert loss == pytest.approx(np.sum(brute_force_losses(cases, priors[None])), abs=1e-9)
    expected = np.zeros(3)
    for case in cases:
        of_paths = counted(*case)
        if len(of_paths):
            shares = np.prod(priors**of_paths, axis=1)
            expected += (shares[:, None] * of_paths).sum(0) / shares.sum()
    np.testing.assert_allclose(counts.numpy(), expected, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(CASES)
@example([([0], 4)])
@example([([0, 1], 5), ([1], 5)])
def test_no_distribution_of_a_grid_is_better(cases):
    fitted = priors_only_loss(*tensors(cases), num_outputs=3)
    grid = np.array([(a / 20, b / 20, (20 - a - b) / 20) for a in range(1, 19) for b in range(1, 20 - a)])
    assert fitted <= np.min(brute_force_losses(cases, grid)) + 1e-3
    assert fitted >= -1e-9


def test_one_label_in_every_frame_costs_nothing_and_two_frames_of_one_of_two_labels_cost_their_entropy():
    assert priors_only_loss(*tensors([([0], 4)]), num_outputs=3) == pytest.approx(0.0, abs=1e-3)
    one_frame_each = tensors([([0], 1), ([1], 1)])
    assert priors_only_loss(*one_frame_each, num_outputs=3) == pytest.approx(2 * log(2))


def test_an_utterance_too_short_for_its_labels_counts_0():
    assert priors_only_loss(*tensors([([0, 0, 1], 3)]), num_outputs=3) == 0.0
    alone, with_it = ([([0, 1], 4)], [([0, 1], 4), ([0, 0, 1], 3)])
    assert priors_only_loss(*tensors(alone), 3) == pytest.approx(priors_only_loss(*tensors(with_it), 3))
