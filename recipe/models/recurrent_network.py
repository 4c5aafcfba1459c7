"""Bidirectional recurrent layers with their front end and CTC output layer.

B batch, T frames, D width of a layer's input, H cells per direction. Each direction reads the valid frames before the
padding, so only the convolutions of the front end see any of it.
"""

from collections.abc import Callable

import torch
from torch import nn

from recipe.models.ctc import CtcNetwork
from recipe.models.frontend import VggFrontend
from recipe.models.recurrent import RecurrentConfig


def reversal_of(lengths: torch.Tensor, num_frames: int) -> torch.Tensor:
    """[B, T] frame indices that turn the valid frames of each utterance round and leave its padding in place."""
    index = torch.arange(num_frames)
    turned = lengths[:, None] - 1 - index
    return torch.where(turned >= 0, turned, index)


def take_frames(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """The frames of x [B, T, D] in the order of index [B, T]."""
    return x.gather(1, index[:, :, None].expand_as(x))


class RecurrentCtc(CtcNetwork):
    """Log posteriors of labels and blank (last)."""

    def __init__(self, config: RecurrentConfig, layer: Callable[[int, int], nn.Module]):
        """:param layer: makes one of D and H; it takes x [B, T, D] and a reversal [B, T] -> [B, T, 2 H]"""
        super().__init__()
        self.frontend = VggFrontend(config)
        self.layers = nn.ModuleList(layer(width, config.hidden_dim) for width in config.input_dims)
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.encoding_dim, config.num_outputs)

    def encode(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See CtcNetwork."""
        x, lengths = self.frontend(features, lengths.to("cpu", torch.int64))
        reversal = reversal_of(lengths, x.shape[1]).to(x.device)
        x = self.dropout(x)
        for layer in self.layers:
            x = self.dropout(layer(x, reversal))
        return x, lengths
