"""The convolutional front end: four 3x3 convolutions, two max-pools, one linear (docs/paper.md, Front end).

B batch, T input frames, F features, C channels, D model dimension.
"""

import torch
from torch import nn

from recipe.models.vgg import VggSizes


class VggFrontend(nn.Module):
    """conv, conv, ReLU, pool, twice; then a linear on the flattened channels and features."""

    def __init__(self, config: VggSizes):
        super().__init__()
        c1, c2, c3, c4 = config.frontend_channels
        self.pools = config.frontend_pools
        self.conv1 = nn.Conv2d(1, c1, 3, padding=1)
        self.conv2 = nn.Conv2d(c1, c2, 3, padding=1)
        self.conv3 = nn.Conv2d(c2, c3, 3, padding=1)
        self.conv4 = nn.Conv2d(c3, c4, 3, padding=1)
        num_features = config.num_features // self.pools[0][1] // self.pools[1][1]
        self.linear = nn.Linear(c4 * num_features, config.model_dim)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # same numbers, twice as fast on a CPU

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Reduce time by the pools' factors.

        :param features: [B, T, F], zero in the padding
        :param lengths: [B] int64
        :return: [B, T', D] and the new lengths [B]; a frame counts when any frame of its pool window did
        """
        x = features.unsqueeze(1)  # [B, 1, T, F]
        pairs = ((self.conv1, self.conv2), (self.conv3, self.conv4))
        for (first, second), pool in zip(pairs, self.pools, strict=True):
            # ReLU after the pool: the same values and gradients, on fewer of them.
            x = torch.relu(nn.functional.max_pool2d(second(first(x)), pool))  # [B, C, T', F']
            lengths = (lengths + pool[0] - 1).div(pool[0], rounding_mode="floor").clamp(max=x.shape[2])
        return self.linear(x.transpose(1, 2).flatten(2)), lengths
