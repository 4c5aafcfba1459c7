import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from recipe.models.ctc import CtcLoss, ctc_loss
from recipe.models.lstm import LstmConfig
from recipe.models.lstm_network import BidirectionalLstm, LstmCtc, reversal_of, take_frames

SMALL = LstmConfig(num_labels=5, model_dim=12, hidden_dim=7, num_layers=2, frontend_channels=(2, 2, 2, 2))


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


def test_a_layer_is_torchs_bidirectional_lstm_on_packed_sequences():
    torch.manual_seed(0)
    layer, oracle = BidirectionalLstm(4, 3), nn.LSTM(4, 3, batch_first=True, bidirectional=True)
    for direction, suffix in ((layer.forwards, ""), (layer.backwards, "_reverse")):
        for name, value in direction.named_parameters():
            getattr(oracle, name + suffix).data = value.data
    x, lengths = torch.randn(3, 8, 4), torch.tensor([8, 5, 1])
    packed = nn.utils.rnn.pack_padded_sequence(layer.norm(x), lengths, batch_first=True)
    wanted, _ = nn.utils.rnn.pad_packed_sequence(oracle(packed)[0], batch_first=True)
    found = layer(x, reversal_of(lengths, 8))
    for one, other, size in zip(found, wanted, lengths, strict=True):
        torch.testing.assert_close(one[:size], other[:size])


def test_padding_reaches_no_valid_frame_through_the_lstms():
    torch.manual_seed(0)
    network = LstmCtc(SMALL).eval()
    network.frontend.forward = lambda features, lengths: (features[..., :12], lengths)
    features, lengths = torch.randn(2, 9, 80), torch.tensor([9, 5])
    other = features.clone()
    other[1, 5:] = 100.0
    one, two = network(features, lengths)[0], network(other, lengths)[0]
    assert torch.equal(one[0], two[0]) and torch.equal(one[1, :5], two[1, :5]) and not torch.equal(one[1], two[1])


def test_its_loss_is_ctc_on_its_log_posteriors():
    torch.manual_seed(0)
    network = LstmCtc(SMALL).eval()
    features, lengths = torch.randn(2, 64, 80), torch.tensor([64, 48])
    targets, sizes = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([3, 1])
    loss = SMALL.loss()
    assert isinstance(loss, CtcLoss)
    wanted = ctc_loss(*network(features, lengths), targets, sizes)
    torch.testing.assert_close(loss(network, features, lengths, targets, sizes), wanted)
