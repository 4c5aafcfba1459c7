import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recipe.models.ctc import ctc_loss
from recipe.models.transducer_loss import TransducerLoss, transducer_loss
from tests.recipe.models.rnnt_reference import reference_loss
from tests.recipe.models.transducers import CONTEXT_ONE, LSTM, batch, built


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4)), min_size=1, max_size=4),
    st.integers(2, 5),
    st.integers(0, 1000),
)
@settings(deadline=None, max_examples=40)
def test_values_and_gradients_are_those_of_the_definition(sizes, num_outputs, seed):
    random = torch.Generator().manual_seed(seed)
    frames, labels = (torch.tensor(size) for size in zip(*sizes, strict=True))
    shape = len(sizes), int(frames.max()), int(labels.max())
    logits = (2 * torch.randn(*shape[:2], shape[2] + 1, num_outputs, generator=random)).requires_grad_()
    targets = torch.randint(num_outputs - 1, (shape[0], shape[2]), generator=random)
    losses = transducer_loss(logits, frames, targets, labels)
    wanted = torch.stack(
        [
            reference_loss(one, int(length), ids[:size].tolist())
            for one, length, ids, size in zip(logits, frames, targets, labels, strict=True)
        ]
    )
    torch.testing.assert_close(losses, wanted, rtol=1e-4, atol=1e-4)
    weights = torch.rand(len(sizes), generator=random)
    (found,) = torch.autograd.grad((weights * losses).sum(), logits, retain_graph=True)
    (oracle,) = torch.autograd.grad((weights * wanted).sum(), logits)
    torch.testing.assert_close(found, oracle, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("model", [CONTEXT_ONE, LSTM], ids=["context one", "lstm"])
def test_the_loss_of_a_network_is_its_lattices_and_the_weighted_ctc_of_its_encoder(model):
    network = built(model).eval()
    features, lengths, targets, sizes = batch()
    found = model.loss()(network, features, lengths, targets, sizes)
    emissions, frames = network(features, lengths)
    lattice = network.lattice(emissions, targets)
    transducer = [
        reference_loss(one, int(length), ids[:size].tolist())
        for one, length, ids, size in zip(lattice, frames, targets, sizes, strict=True)
    ]
    ctc = ctc_loss(*network.encoder(features, lengths), targets, sizes)
    torch.testing.assert_close(found, torch.stack(transducer) + 0.5 * ctc, rtol=1e-4, atol=1e-4)


def test_padding_of_frames_and_labels_does_not_count():
    logits = torch.randn(1, 4, 3, 5)
    padded = torch.nn.functional.pad(logits, (0, 0, 0, 2, 0, 3), value=7.0)
    targets, frames, size = torch.tensor([[1, 2]]), torch.tensor([4]), torch.tensor([2])
    more = torch.tensor([[1, 2, 0, 3]])
    both = torch.cat([padded, torch.randn(1, 7, 5, 5)]), torch.tensor([4, 7]), torch.cat([more, more])
    found = transducer_loss(*both, torch.tensor([2, 4]))
    torch.testing.assert_close(found[:1], transducer_loss(logits, frames, targets, size))


def test_the_constant_loss_is_that_of_the_best_constant_logits():
    targets, frames = [torch.tensor([0, 0, 1]), torch.tensor([2])], [4, 6]
    found = TransducerLoss(0.5).constant_loss(targets, frames, 4)
    logits = torch.zeros(4, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=100)

    def loss():
        optimiser.zero_grad()
        both = zip(targets, frames, strict=True)
        total = sum(reference_loss(logits.expand(t, len(ids) + 1, 4), t, ids.tolist()) for ids, t in both)
        total.backward()
        return total

    optimiser.step(loss)
    assert found == pytest.approx(loss().item(), rel=1e-4)


def test_what_it_hears_is_the_greedy_path_and_its_loss():
    network = built(CONTEXT_ONE).eval()
    features, _, targets, _ = batch()
    with torch.no_grad():
        network.joiner.output.bias[-1] = 50.0  # blank alone
        heard = CONTEXT_ONE.loss().heard(network, features[0], targets[0])
        assert (
            heard.labels == [] and heard.blank_frames == heard.frames == network(features, torch.tensor([64, 40]))[1][0]
        )
        network.joiner.output.bias[-1] = -50.0  # never blank
        heard = CONTEXT_ONE.loss().heard(network, features[0], targets[0])
    assert heard.blank_frames < heard.frames and len(heard.labels) >= heard.frames
    assert math.isfinite(heard.loss) and heard.loss > 100
