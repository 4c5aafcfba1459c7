"""What relative positions add to the scores of an attention.

B batch, T frames, D model dimension, H heads, K head dimension, C greatest distance.
"""

import torch
from torch import nn

from recipe.models.positions import RelativePositions


class DistanceScores(nn.Module):
    """Scores by distance, [B, H, T, T]."""

    def __init__(self, config: RelativePositions, model_dim: int, num_heads: int):
        super().__init__()
        self.clip, self.num_heads = config.clip, num_heads
        shape = 2 * config.clip + 1, model_dim
        if config.learnable:
            self.vectors = nn.Parameter(torch.randn(shape) * model_dim**-0.5)
        else:
            self.register_buffer("vectors", sinusoids(config.clip, model_dim), persistent=False)
        self.linear = nn.Identity() if config.linear == "none" else nn.Linear(model_dim, model_dim, bias=False)
        self.key_bias, self.distance_bias = (
            nn.Parameter(nn.init.xavier_uniform_(torch.empty(num_heads, model_dim // num_heads))) for _ in range(2)
        )

    def forward(self, query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
        """All scores, of keys and of distances, not yet scaled.

        :param query: [B, H, T, K]; :param key: likewise
        """
        keys = self.linear(self.vectors).unflatten(-1, (self.num_heads, -1)).permute(1, 2, 0)  # [H, K, 2 C + 1]
        by_distance = torch.matmul(query + self.distance_bias[:, None], keys)
        frames = torch.arange(query.shape[2], device=query.device)
        index = (frames - frames[:, None]).clamp_(-self.clip, self.clip).add_(self.clip)  # of key minus query
        by_distance = by_distance.gather(-1, index.expand(*by_distance.shape[:2], -1, -1))
        return torch.matmul(query + self.key_bias[:, None], key.transpose(-2, -1)) + by_distance


def sinusoids(clip: int, dim: int) -> torch.Tensor:
    """Sines and cosines of each distance from -clip to clip, [2 clip + 1, dim] (arXiv 1706.03762)."""
    distances = torch.arange(-clip, clip + 1, dtype=torch.float32)[:, None]
    angles = distances * 10_000.0 ** (-torch.arange(0, dim, 2, dtype=torch.float32) / dim)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)[:, :dim]
