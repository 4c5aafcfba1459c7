"""A bidirectional LSTM as a value; no torch here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recipe.models.recurrent import RecurrentConfig

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class LstmConfig(RecurrentConfig):
    """Layers of LSTMs, one per direction."""

    def direction_weights(self, input_dim: int) -> int:
        """Input and recurrent weights of the four gates."""
        return 4 * self.hidden_dim * (input_dim + self.hidden_dim)

    def build(self, quantized: bool) -> "nn.Module":
        """torch's initial weights, quantised or not."""
        from recipe.models.lstm_network import BidirectionalLstm
        from recipe.models.recurrent_network import RecurrentCtc

        return RecurrentCtc(self, BidirectionalLstm)
