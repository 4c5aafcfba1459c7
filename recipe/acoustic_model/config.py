"""Sizes of the acoustic model and of SpecAugment, as values; no torch here."""

from dataclasses import dataclass

from recipe.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SpecAugmentConfig:
    """SpecAugment on log-mel frames; defaults as published (docs/paper.md, SpecAugment).

    `min_time_masks`..max(min_time_masks, T // `frames_per_time_mask`) masks of 1..`max_time_width` frames, and
    `min_feature_masks`..`max_feature_masks` masks of 1..`max_feature_width` bands.
    """

    min_time_masks: int = 2
    frames_per_time_mask: int = 25
    max_time_width: int = 20
    min_feature_masks: int = 2
    max_feature_masks: int = 5
    max_feature_width: int = 8

    def __post_init__(self):
        for name, value in vars(self).items():
            if value < 1:
                raise InputError(f"SpecAugmentConfig.{name} is {value}; it must be at least 1")
        if self.max_feature_masks < self.min_feature_masks:
            raise InputError(
                f"SpecAugmentConfig.max_feature_masks is {self.max_feature_masks}, below min_feature_masks "
                f"{self.min_feature_masks}; raise it"
            )


@dataclass(frozen=True, kw_only=True)
class ConformerConfig:
    """A VGG4 + Conformer encoder with a CTC output layer; defaults are the paper's sizes (docs/paper.md, Network).

    Time is reduced by the product of the pools' time factors, 4 as published. Dropout after every sub-layer and
    before the output layer is `dropout`; `inner_dropout` acts between the two linears of a feed-forward module,
    `attention_dropout` on the attention weights. `xavier_attention` draws the float model's attention projections as
    torch's multi-head attention does; quantised models draw them like every linear, as published.
    """

    num_labels: int  # without blank, which is added last
    num_features: int = 80
    frontend_channels: tuple[int, int, int, int] = (32, 64, 64, 32)
    frontend_pools: tuple[tuple[int, int], tuple[int, int]] = ((2, 1), (2, 1))  # (time, feature) after each pair
    model_dim: int = 384
    feed_forward_dim: int = 1536
    num_heads: int = 4
    num_blocks: int = 12
    conv_kernel: int = 31
    dropout: float = 0.2
    inner_dropout: float = 0.2
    attention_dropout: float = 0.2
    xavier_attention: bool = False

    def __post_init__(self):
        for name in ("num_labels", "num_features", "model_dim", "feed_forward_dim", "num_heads", "num_blocks"):
            if getattr(self, name) < 1:
                raise InputError(f"ConformerConfig.{name} is {getattr(self, name)}; it must be at least 1")
        if self.model_dim % self.num_heads:
            raise InputError(
                f"ConformerConfig.model_dim is {self.model_dim}; it must be a multiple of num_heads {self.num_heads}"
            )
        if self.conv_kernel < 1 or self.conv_kernel % 2 == 0:
            raise InputError(f"ConformerConfig.conv_kernel is {self.conv_kernel}; it must be odd")
        if len(self.frontend_channels) != 4 or len(self.frontend_pools) != 2:
            raise InputError("ConformerConfig.frontend_channels needs four values and frontend_pools two pairs")
        for name in ("dropout", "inner_dropout", "attention_dropout"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise InputError(f"ConformerConfig.{name} is {getattr(self, name)}; it must lie in [0, 1)")

    def __sis_state__(self) -> dict:
        """What the job hash sees: the initialisation only where it is not torch's."""
        return {name: value for name, value in vars(self).items() if name != "xavier_attention" or value}

    @property
    def num_outputs(self) -> int:
        """Labels and blank, V."""
        return self.num_labels + 1

    @property
    def time_reduction(self) -> int:
        """Input frames per output frame."""
        return self.frontend_pools[0][0] * self.frontend_pools[1][0]


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
