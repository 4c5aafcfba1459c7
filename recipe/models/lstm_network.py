"""A bidirectional layer of LSTMs. Letters as in recurrent_network."""

import torch
from torch import nn

from recipe.models.recurrent_network import take_frames


class BidirectionalLstm(nn.Module):
    """LayerNorm and an nn.LSTM per direction: [B, T, D] -> [B, T, 2 H].

    Without the norm, trainings of an hour's speech stay where CTC emits blanks alone.
    """

    def __init__(self, input_dim: int, hidden_dim: int):
        super().__init__()
        self.norm = nn.LayerNorm(input_dim)
        self.forwards = nn.LSTM(input_dim, hidden_dim, batch_first=True)
        self.backwards = nn.LSTM(input_dim, hidden_dim, batch_first=True)

    def forward(self, x: torch.Tensor, reversal: torch.Tensor) -> torch.Tensor:
        """:param reversal: [B, T], see `reversal_of`"""
        x = self.norm(x)
        backwards = self.backwards(take_frames(x, reversal))[0]
        return torch.cat([self.forwards(x)[0], take_frames(backwards, reversal)], dim=-1)
