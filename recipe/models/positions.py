"""Relative positional encoding of self-attention as a value; no torch here. Source: docs/device_aware_training.md."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recipe.errors import InputError
from recipe.models.checks import check_sizes

if TYPE_CHECKING:
    from torch import nn

LINEARS = ("crossbar", "digital", "none")


@dataclass(frozen=True, kw_only=True)
class RelativePositions:
    """The distance from query to key enters the attention scores (arXiv 1901.02860), as in the public grids that
    followed the paper.

    Each attention has a vector per distance, sinusoids or learned, which a linear layer projects to keys of all heads.
    Two learned vectors per head are added to the query: one for its product with keys, one for that with distances.

    :raises InputError: naming a field that is out of range
    """

    clip: int = 16
    """Distances beyond it, in output frames, count as it."""
    linear: str = "crossbar"
    """The projection: `crossbar`, quantised and mapped as other linears are; `digital`, in float32; `none`."""
    learnable: bool = False
    """Whether the vectors of distances are learned."""

    def __post_init__(self):
        check_sizes(self, "clip")
        if self.linear not in LINEARS:
            raise InputError(f"RelativePositions.linear is {self.linear!r}; give one of {', '.join(LINEARS)}")

    def flops_per_s(self, model_dim: int, frames_per_s: float, segment_s: float) -> float:
        """Operations of one attention per second of audio: queries times distances, and the projection per segment."""
        distances = 2 * self.clip + 1
        projected = 0 if self.linear == "none" else 2 * distances * model_dim**2 / segment_s
        return projected + 2 * model_dim * distances * frames_per_s

    def build(self, model_dim: int, num_heads: int) -> "nn.Module":
        """Their part of an attention."""
        from recipe.models.positions_network import DistanceScores

        return DistanceScores(self, model_dim, num_heads)
