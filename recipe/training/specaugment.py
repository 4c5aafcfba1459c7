"""SpecAugment: random time and feature masks on log-mel frames (docs/paper.md, SpecAugment)."""

import torch

from recipe.training.config import SpecAugmentConfig


def specaugment(features: torch.Tensor, config: SpecAugmentConfig) -> torch.Tensor:
    """Zero random spans of frames and of bands, drawn per utterance from torch's global generator.

    Start positions are drawn without replacement within an utterance; masks may overlap or fall into padding. The
    draws are made on the CPU, so that they do not depend on the device.

    :param features: [B, T, F]
    :return: a masked copy
    """
    batch, frames, bands = features.shape
    max_time_masks = max(config.min_time_masks, frames // config.frames_per_time_mask)
    time = _spans(batch, frames, config.min_time_masks, max_time_masks, config.max_time_width)
    band = _spans(batch, bands, config.min_feature_masks, config.max_feature_masks, config.max_feature_width)
    masked = time[:, :, None] | band[:, None, :]
    return features.masked_fill(masked.to(features.device), 0.0)


def _spans(batch: int, size: int, min_masks: int, max_masks: int, max_width: int) -> torch.Tensor:
    """[batch, size] bool: true inside a random number of random spans of 1..max_width."""
    max_masks = min(max_masks, size)
    num_masks = torch.randint(min(min_masks, max_masks), max_masks + 1, (batch, 1))
    starts = torch.rand(batch, size).topk(max_masks, dim=1).indices  # distinct positions
    ends = (starts + torch.randint(1, max_width + 1, (batch, max_masks))).clamp(max=size)
    active = (torch.arange(max_masks) < num_masks).to(torch.int32)
    edges = torch.zeros(batch, size + 1, dtype=torch.int32)  # +1 where a span begins, -1 where one ends
    edges.scatter_add_(1, starts, active).scatter_add_(1, ends, -active)
    return edges.cumsum(1)[:, :size] > 0
