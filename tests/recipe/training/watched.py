"""A Conformer that writes down its quantisers' ranges around every training step, one file per process."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from recipe.models.conformer import ConformerConfig
from recipe.quantization.fake_quant import FakeQuantize


@dataclass(frozen=True, kw_only=True)
class WatchedConformer(ConformerConfig):
    """Appends one line of ranges before and one after each forward pass to ranges.<rank> in the current directory."""

    def build(self, quantized: bool) -> nn.Module:
        network = super().build(quantized)
        network.register_forward_pre_hook(write_ranges)
        network.register_forward_hook(write_ranges)
        return network


def write_ranges(network: nn.Module, *_) -> None:
    if network.training:
        ranges = [module.range.item() for module in network.modules() if isinstance(module, FakeQuantize)]
        with open(f"ranges.{torch.distributed.get_rank()}", "a") as file:
            file.write(json.dumps(ranges) + "\n")


def read_ranges(folder: Path, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ranges before and after every training step of a process, [steps, quantisers] each."""
    lines = torch.tensor([json.loads(line) for line in (folder / f"ranges.{rank}").read_text().splitlines()])
    return lines[::2], lines[1::2]
