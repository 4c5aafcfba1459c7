"""The Conformer as a value; no torch here."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recipe.errors import InputError
from recipe.features.config import FRAMES_PER_SECOND
from recipe.identity import state_without
from recipe.models.checks import check_dropouts, check_sizes
from recipe.models.positions import RelativePositions
from recipe.models.vgg import VggCtcModel, vgg_flops_per_s

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class ConformerConfig(VggCtcModel):
    """A VGG4 + Conformer encoder with a CTC output layer; defaults are the paper's sizes (docs/paper.md, Network)."""

    num_labels: int
    """Without blank, which is added last."""
    num_features: int = 80
    frontend_channels: tuple[int, int, int, int] = (32, 64, 64, 32)
    frontend_pools: tuple[tuple[int, int], tuple[int, int]] = ((2, 1), (2, 1))
    """(time, feature) factor after each pair of convolutions; time is reduced by 4 as published."""
    model_dim: int = 384
    feed_forward_dim: int = 1536
    num_heads: int = 4
    num_blocks: int = 12
    conv_kernel: int = 31
    dropout: float = 0.2
    """After every sub-layer and before the output layer."""
    inner_dropout: float = 0.2
    """Between the two linears of a feed-forward module."""
    attention_dropout: float = 0.2
    """On the attention weights."""
    xavier_attention: bool = False
    """Draw the float model's attention projections as torch's multi-head attention does."""
    positions: RelativePositions | None = None
    """How attention knows of positions; None for not at all, as published."""

    def __post_init__(self):
        check_sizes(self, "num_labels", "num_features", "model_dim", "feed_forward_dim", "num_heads", "num_blocks")
        if self.model_dim % self.num_heads:
            raise InputError(
                f"ConformerConfig.model_dim is {self.model_dim}; it must be a multiple of num_heads {self.num_heads}"
            )
        if self.conv_kernel < 1 or self.conv_kernel % 2 == 0:
            raise InputError(f"ConformerConfig.conv_kernel is {self.conv_kernel}; it must be odd")
        if len(self.frontend_channels) != 4 or len(self.frontend_pools) != 2:
            raise InputError("ConformerConfig.frontend_channels needs four values and frontend_pools two pairs")
        check_dropouts(self, "dropout", "inner_dropout", "attention_dropout")

    def __sis_state__(self) -> dict:
        return state_without(self, xavier_attention=False, positions=None)

    @property
    def encoding_dim(self) -> int:
        """Width of the last block."""
        return self.model_dim

    @property
    def quantized_layers(self) -> tuple[str, ...]:
        """The blocks; front end and output layer stay in float32, as published."""
        if self.positions is None or self.positions.linear != "digital":
            return ("blocks.*",)
        attention = (f"blocks.*.attention{part}" for part in ("", ".qkv", ".out"))
        return ("blocks.*.feed_forward*", *attention, "blocks.*.convolution*")

    @property
    def quantizable_weights(self) -> int:
        """Weights of the linears of all blocks, that of positions among them if it is on crossbars; depthwise
        convolutions stay digital, as published."""
        dim = self.model_dim
        positions = self.num_blocks * dim**2 if self.positions and self.positions.linear == "crossbar" else 0
        return positions + self._weights_per_frame

    @property
    def _weights_per_frame(self) -> int:
        """Weights of the linears of all blocks that every frame passes."""
        dim = self.model_dim
        return self.num_blocks * (2 * (2 * dim * self.feed_forward_dim) + (3 + 1) * dim**2 + (2 + 1) * dim**2)

    def flops_per_s(self, segment_s: float = 8.0) -> float:
        """Matrix products, convolutions and attention; see AcousticModel."""
        rate, dim = FRAMES_PER_SECOND / self.time_reduction, self.model_dim
        attention = 2 * 2 * dim * rate * segment_s
        blocks = 2 * self._weights_per_frame + self.num_blocks * (2 * dim * self.conv_kernel + attention)
        positions = 0 if self.positions is None else self.num_blocks * self.positions.flops_per_s(dim, rate, segment_s)
        return vgg_flops_per_s(self) + rate * (blocks + 2 * dim * self.num_outputs) + positions

    def build(self, quantized: bool) -> "nn.Module":
        """Quantised models draw their attention projections like every linear, as published."""
        from recipe.models.conformer_network import ConformerCtc

        return ConformerCtc(replace(self, xavier_attention=self.xavier_attention and not quantized))


def paper_conformer(num_labels: int = 78) -> ConformerConfig:
    """The paper's model: 12 blocks of 384/1536 with 4 heads, 42,066,991 parameters for 78 labels."""
    return ConformerConfig(num_labels=num_labels, xavier_attention=True)


def small_conformer(
    num_labels: int = 78, *, num_blocks: int = 8, model_dim: int = 64, dropout: float = 0.1
) -> ConformerConfig:
    """A deep, narrow model that trains on one CPU core; dropout after sub-layers only, which is faster there."""
    return ConformerConfig(
        num_labels=num_labels,
        frontend_channels=(8, 8, 16, 16),
        frontend_pools=((2, 4), (2, 2)),
        model_dim=model_dim,
        feed_forward_dim=4 * model_dim,
        num_blocks=num_blocks,
        conv_kernel=15,
        dropout=dropout,
        inner_dropout=0.0,
        attention_dropout=0.0,
    )
