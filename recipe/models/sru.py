"""A bidirectional simple recurrent unit as a value; no torch here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recipe.models.recurrent import RecurrentConfig

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class SruConfig(RecurrentConfig):
    """Layers of simple recurrent units, one per direction (Lei et al., EMNLP 2018, arXiv 1709.02755).

    No matrix of theirs multiplies the frame before: what is carried from frame to frame meets a weight per cell. So a
    processor reads the matrices once per chunk of frames and not once per frame, as arXiv 2102.11531 asks of cells for
    small devices, and crossbars take whole utterances in one call. With the default sizes, three layers have as many
    weights as two of LSTMs.
    """

    def direction_weights(self, input_dim: int) -> int:
        """Candidates, skipped inputs and the two gates."""
        return 4 * self.hidden_dim * input_dim

    def build(self, quantized: bool) -> "nn.Module":
        """torch's initial weights, quantised or not."""
        from recipe.models.recurrent_network import RecurrentCtc
        from recipe.models.sru_network import BidirectionalSru

        return RecurrentCtc(self, BidirectionalSru)
