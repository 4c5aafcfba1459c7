import torch
from torch import nn

from recipe.models.lstm_network import BidirectionalLstm
from recipe.models.recurrent_network import reversal_of


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
