"""Multi-head attention whose four projections are on crossbars; scores, softmax and sums are digital."""

from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional


class MemristorAttention(nn.Module):
    """A programmed nn.MultiheadAttention."""

    embed_dim: int
    num_heads: int
    dropout: float
    add_zero_attn: bool
    batch_first: bool
    _qkv_same_embed_dim = False
    """Read by nn.TransformerEncoder and its layers: False keeps them from computing with the weights themselves."""

    def __init__(
        self,
        *,
        projections: dict[str, nn.Module],
        in_proj_bias: torch.Tensor | None,
        bias_k: torch.Tensor | None,
        bias_v: torch.Tensor | None,
    ):
        """:param projections: `q_proj`, `k_proj`, `v_proj` without bias, and `out_proj`.

        :param in_proj_bias: [3 embed_dim] of the first three, added digitally.
        :param bias_k, bias_v: [1, 1, embed_dim], a further key and value.
        """
        super().__init__()
        for name, bias in (("in_proj_bias", in_proj_bias), ("bias_k", bias_k), ("bias_v", bias_v)):
            kept = None if bias is None else nn.Parameter(bias.detach().clone(), requires_grad=False)
            self.register_parameter(name, kept)
        for name, module in projections.items():
            setattr(self, name, module)

    @property
    def in_proj_weight(self) -> torch.Tensor | None:
        """The effective weights of query, key and value, [3 embed_dim, embed_dim]; None if they differ in shape."""
        if not self.embed_dim == self.kdim == self.vdim:
            return None
        return torch.cat([self._modules[name].weight for name in ("q_proj", "k_proj", "v_proj")])  # type: ignore[union-attr, misc]

    def __getattr__(self, name: str) -> Any:
        """`q_proj_weight` and so on: effective weights, where a layer of different sizes has them."""
        projection, _, what = name.rpartition("_")
        if what == "weight" and projection in ("q_proj", "k_proj", "v_proj"):
            return cast(nn.Module, self._modules[projection]).weight
        return super().__getattr__(name)

    def forward(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        key_padding_mask: torch.Tensor | None = None,
        need_weights: bool = True,
        attn_mask: torch.Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Outputs and, if they are needed, attention weights; arguments and results as of nn.MultiheadAttention.

        :param query, key, value: [L, S, E], [S, L, E] if batch_first, or [L, E].
        """
        if query.dim() == 2:
            mask = None if key_padding_mask is None else key_padding_mask[None]
            y, weights = self._attend(query[None], key[None], value[None], mask, need_weights, attn_mask, is_causal)
            y, weights = y[0], None if weights is None else weights[0]
        elif self.batch_first:
            y, weights = self._attend(query, key, value, key_padding_mask, need_weights, attn_mask, is_causal)
        else:
            q, k, v = (one.transpose(0, 1) for one in (query, key, value))
            y, weights = self._attend(q, k, v, key_padding_mask, need_weights, attn_mask, is_causal)
            y = y.transpose(0, 1)
        return y, weights.mean(-3) if weights is not None and average_attn_weights else weights

    def _attend(
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        padding: torch.Tensor | None,
        need_weights: bool,
        attn_mask: torch.Tensor | None,
        is_causal: bool,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Sequences first: [S, L, E]; weights [S, heads, L, L']."""
        q, k, v = self._projected(query, key, value)
        if self.bias_k is not None and self.bias_v is not None:
            k, v = (torch.cat([one, b.expand(len(one), 1, -1)], 1) for one, b in ((k, self.bias_k), (v, self.bias_v)))
        if self.add_zero_attn:
            k, v = (functional.pad(one, (0, 0, 0, 1)) for one in (k, v))
        q, k, v = (one.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for one in (q, k, v))  # [S, heads, L, D]
        mask = self._mask(q, k, key.shape[1], padding, attn_mask, is_causal)
        dropout = self.dropout if self.training else 0.0
        if need_weights:
            scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
            weights = (scores if mask is None else scores + mask).softmax(-1)
            weights = functional.dropout(weights, dropout)
            y = weights @ v
        else:
            weights, y = None, functional.scaled_dot_product_attention(q, k, v, mask, dropout)
        return self.out_proj(y.transpose(1, 2).flatten(2)), weights

    def _projected(self, *sequences: torch.Tensor) -> list[torch.Tensor]:
        biases = (None,) * 3 if self.in_proj_bias is None else self.in_proj_bias.chunk(3)
        projections = (self.q_proj, self.k_proj, self.v_proj)
        projected = [projection(x) for projection, x in zip(projections, sequences, strict=True)]
        return [y if bias is None else y + bias.to(y.dtype) for y, bias in zip(projected, biases, strict=True)]

    def _mask(
        self,
        q: torch.Tensor,
        k: torch.Tensor,
        given_keys: int,
        padding: torch.Tensor | None,
        attn_mask: torch.Tensor | None,
        is_causal: bool,
    ) -> torch.Tensor | None:
        """What is added to the scores, broadcast to [S, heads, L, L']."""
        if is_causal and attn_mask is None:
            attn_mask = torch.ones(q.shape[2], given_keys, dtype=torch.bool, device=q.device).triu(1)
        total = None
        if attn_mask is not None:
            total = _additive(attn_mask, q.dtype)
            total = total.unflatten(0, (-1, self.num_heads)) if total.dim() == 3 else total[None, None]
        if padding is not None:
            of_keys = _additive(padding, q.dtype)[:, None, None]
            total = of_keys if total is None else total + of_keys
        # Keys that the layer adds itself are seen by all.
        return total if total is None else functional.pad(total, (0, k.shape[2] - given_keys))


def _additive(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """True in a boolean mask is what must not be attended to."""
    if mask.dtype != torch.bool:
        return mask.to(dtype)
    return torch.zeros_like(mask, dtype=dtype).masked_fill_(mask, float("-inf"))
