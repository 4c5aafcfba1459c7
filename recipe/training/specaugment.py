"""SpecAugment: random time and feature masks on log-mel frames (docs/paper.md, SpecAugment; arXiv 1904.08779)."""

import torch

from recipe.training.config import SpecAugmentConfig


def specaugment(features: torch.Tensor, config: SpecAugmentConfig) -> torch.Tensor:
    """Set random spans of frames and of bands to zero, drawn per utterance from torch's global generator.

    Start positions are drawn without replacement within an utterance; masks may overlap or fall into padding. The
    random numbers are drawn on the CPU, so the masks are the same on every device.

    :param features: [B, T, F]
    :return: a masked copy, [B, T, F]
    """
    batch, frames, bands = features.shape
    max_time_masks = max(config.min_time_masks, frames // config.frames_per_time_mask)
    time = _spans(batch, frames, config.min_time_masks, max_time_masks, config.max_time_width)
    band = _spans(batch, bands, config.min_feature_masks, config.max_feature_masks, config.max_feature_width)
    masked = time[:, :, None] | band[:, None, :]
    return features.masked_fill(masked.to(features.device), 0.0)


def _spans(batch: int, size: int, min_masks: int, max_masks: int, max_width: int) -> torch.Tensor:
    """bool [batch, size]: true inside min_masks..max_masks random spans of 1..max_width positions."""
    max_masks = min(max_masks, size)
    num_masks = torch.randint(min(min_masks, max_masks), max_masks + 1, (batch, 1))
    starts = torch.rand(batch, size).topk(max_masks, dim=1).indices  # distinct positions
    ends = (starts + torch.randint(1, max_width + 1, (batch, max_masks))).clamp(max=size)
    active = (torch.arange(max_masks) < num_masks).to(torch.int32)
    edges = torch.zeros(batch, size + 1, dtype=torch.int32)  # +1 where a span begins, -1 after its end
    edges.scatter_add_(1, starts, active).scatter_add_(1, ends, -active)
    return edges.cumsum(1)[:, :size] > 0
