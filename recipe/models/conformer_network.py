"""The Conformer block with LayerNorm in the convolution (docs/paper.md, Block); positions are known if asked for.

B batch, T frames, D model dimension, H heads, K head dimension. Padding enters attention only, as published.
"""

import math

import torch
from torch import nn

from recipe.models.conformer import ConformerConfig
from recipe.models.convolution import conv1d
from recipe.models.ctc import CtcNetwork
from recipe.models.frontend import VggFrontend


class FeedForward(nn.Module):
    """LayerNorm, linear, SiLU, linear: [B, T, D] -> [B, T, D]."""

    def __init__(self, config: ConformerConfig):
        super().__init__()
        self.norm = nn.LayerNorm(config.model_dim)
        self.linear_in = nn.Linear(config.model_dim, config.feed_forward_dim)
        self.inner_dropout = nn.Dropout(config.inner_dropout)
        self.linear_out = nn.Linear(config.feed_forward_dim, config.model_dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.silu(self.linear_in(self.norm(x)))
        return self.dropout(self.linear_out(self.inner_dropout(x)))


class SelfAttention(nn.Module):
    """Multi-head self-attention with a joint query-key-value projection: [B, T, D] -> [B, T, D].

    The four operands of its two products pass through `query`, `key`, `value` and `weights`: identities that a
    quantiser may replace.
    """

    quantized_operands = ("query", "key", "value", "weights")

    def __init__(self, config: ConformerConfig):
        super().__init__()
        self.num_heads = config.num_heads
        positions = config.positions
        self.positions = None if positions is None else positions.build(config.model_dim, config.num_heads)
        self.scale = 1.0 / math.sqrt(config.model_dim // config.num_heads)
        self.norm = nn.LayerNorm(config.model_dim)
        self.qkv = nn.Linear(config.model_dim, 3 * config.model_dim)
        self.query, self.key, self.value, self.weights = (nn.Identity() for _ in range(4))
        self.attention_dropout = nn.Dropout(config.attention_dropout)
        self.out = nn.Linear(config.model_dim, config.model_dim)
        self.dropout = nn.Dropout(config.dropout)
        if config.xavier_attention:
            nn.init.xavier_uniform_(self.qkv.weight)
            nn.init.zeros_(self.qkv.bias)
            nn.init.zeros_(self.out.bias)

    def forward(self, x: torch.Tensor, padding: torch.Tensor | None) -> torch.Tensor:
        """:param padding: [B, 1, 1, T], 0 on valid keys and -inf on padding; None without padding"""
        q, k, v = self.qkv(self.norm(x)).unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)  # [B, H, T, K]
        query, key = self.query(q), self.key(k)
        if self.positions is None:
            scores = torch.matmul(query * self.scale, key.transpose(-2, -1))  # [B, H, T, T]
        else:
            scores = self.positions(query, key) * self.scale
        if padding is not None:
            scores = scores + padding
        weights = self.attention_dropout(self.weights(scores.softmax(-1)))
        x = torch.matmul(weights, self.value(v)).transpose(1, 2).flatten(2)  # [B, T, D]
        return self.dropout(self.out(x))


class DepthwiseConv1d(nn.Conv1d):
    """nn.Conv1d with one kernel per channel, computed by `conv1d`."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return conv1d(x, self.weight, self.bias, self)


class Convolution(nn.Module):
    """Pointwise with GLU, depthwise, LayerNorm, SiLU, pointwise: [B, T, D] -> [B, T, D]."""

    def __init__(self, config: ConformerConfig):
        super().__init__()
        dim = config.model_dim
        self.norm = nn.LayerNorm(dim)
        self.pointwise_in = nn.Linear(dim, 2 * dim)
        self.depthwise = DepthwiseConv1d(dim, dim, config.conv_kernel, padding=config.conv_kernel // 2, groups=dim)
        self.depthwise_norm = nn.LayerNorm(dim)
        self.pointwise_out = nn.Linear(dim, dim)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.glu(self.pointwise_in(self.norm(x)), dim=-1)
        x = self.depthwise(x.transpose(1, 2)).transpose(1, 2)
        return self.dropout(self.pointwise_out(nn.functional.silu(self.depthwise_norm(x))))


class ConformerBlock(nn.Module):
    """Half feed-forward, attention, convolution, half feed-forward, LayerNorm."""

    def __init__(self, config: ConformerConfig):
        super().__init__()
        self.feed_forward1 = FeedForward(config)
        self.attention = SelfAttention(config)
        self.convolution = Convolution(config)
        self.feed_forward2 = FeedForward(config)
        self.norm = nn.LayerNorm(config.model_dim)

    def forward(self, x: torch.Tensor, padding: torch.Tensor | None) -> torch.Tensor:
        """:param x: [B, T, D]; :param padding: see SelfAttention"""
        x = torch.add(x, self.feed_forward1(x), alpha=0.5)
        x = x + self.attention(x, padding)
        x = x + self.convolution(x)
        x = torch.add(x, self.feed_forward2(x), alpha=0.5)
        return self.norm(x)


class ConformerCtc(CtcNetwork):
    """Log posteriors of labels and blank (last) for every 4th frame."""

    def __init__(self, config: ConformerConfig):
        super().__init__()
        self.frontend = VggFrontend(config)
        self.blocks = nn.ModuleList(ConformerBlock(config) for _ in range(config.num_blocks))
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.model_dim, config.num_outputs)

    def encode(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See CtcNetwork."""
        x, lengths = self.frontend(features, lengths.to("cpu", torch.int64))
        padding = _padding_bias(lengths, x)
        for block in self.blocks:
            x = block(x, padding)
        return self.dropout(x), lengths


def _padding_bias(lengths: torch.Tensor, x: torch.Tensor) -> torch.Tensor | None:
    """[B, 1, 1, T] of 0 and -inf for x [B, T, D], or None when nothing is padded."""
    if int(lengths.min()) == x.shape[1]:
        return None
    valid = torch.arange(x.shape[1]) < lengths[:, None]
    bias = torch.zeros(valid.shape, dtype=x.dtype).masked_fill_(~valid, -torch.inf)
    return bias[:, None, None].to(x.device)
