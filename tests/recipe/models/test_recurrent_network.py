import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recipe.models.ctc import CtcLoss, ctc_loss
from recipe.models.recurrent_network import reversal_of, take_frames
from tests.recipe.models.test_recurrent import LSTM, SRU

both = pytest.mark.parametrize("model", [LSTM, SRU], ids=["lstm", "sru"])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5))
@settings(deadline=None)
def test_reversal_turns_valid_frames_round_and_is_its_own_inverse(sizes):
    lengths, frames = torch.tensor(sizes), max(sizes)
    x = torch.randn(len(sizes), frames, 3)
    reversal = reversal_of(lengths, frames)
    turned = take_frames(x, reversal)
    for one, other, size in zip(x, turned, sizes, strict=True):
        assert torch.equal(other[:size], one[:size].flip(0)) and torch.equal(other[size:], one[size:])
    assert torch.equal(take_frames(turned, reversal), x)


@both
def test_padding_reaches_no_valid_frame_through_the_layers(model):
    torch.manual_seed(0)
    network = model.build(quantized=False).eval()
    network.frontend.forward = lambda features, lengths: (features[..., :12], lengths)
    features, lengths = torch.randn(2, 9, 80), torch.tensor([9, 5])
    other = features.clone()
    other[1, 5:] = 100.0
    one, two = network(features, lengths)[0], network(other, lengths)[0]
    assert torch.equal(one[0], two[0]) and torch.equal(one[1, :5], two[1, :5]) and not torch.equal(one[1], two[1])


@both
def test_its_loss_is_ctc_on_its_log_posteriors(model):
    torch.manual_seed(0)
    network = model.build(quantized=False).eval()
    features, lengths = torch.randn(2, 64, 80), torch.tensor([64, 48])
    targets, sizes = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])
    loss = model.loss()
    assert isinstance(loss, CtcLoss)
    wanted = ctc_loss(*network(features, lengths), targets, sizes)
    torch.testing.assert_close(loss(network, features, lengths, targets, sizes), wanted)
