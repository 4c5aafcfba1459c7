"""A bidirectional layer of simple recurrent units (arXiv 1709.02755). Letters as in recurrent_network."""

import torch
from torch import nn

from recipe.models.recurrent_network import take_frames


class BidirectionalSru(nn.Module):
    """LayerNorm, a linear per direction, and memories that run through the frames: [B, T, D] -> [B, T, 2 H].

    With candidates u, skipped inputs s and gates' inputs a, b, all products with x_t:
    f = sigmoid(a + v c), c' = f c + (1 - f) u; r = sigmoid(b + w c), output = r c' + (1 - r) s. c is the memory of the
    frame before, v and w are vectors. Both directions run in one loop.
    """

    def __init__(self, input_dim: int, hidden_dim: int):
        super().__init__()
        self.norm = nn.LayerNorm(input_dim)
        self.forwards = nn.Linear(input_dim, 4 * hidden_dim)
        self.backwards = nn.Linear(input_dim, 4 * hidden_dim)
        self.forget_of_memory = nn.Parameter(torch.zeros(2 * hidden_dim))
        self.reset_of_memory = nn.Parameter(torch.zeros(2 * hidden_dim))

    def forward(self, x: torch.Tensor, reversal: torch.Tensor) -> torch.Tensor:
        """:param reversal: [B, T], see `reversal_of`"""
        x = self.norm(x)
        products = self.forwards(x).chunk(4, dim=-1), self.backwards(take_frames(x, reversal)).chunk(4, dim=-1)
        candidates, skipped, forget, reset = (torch.cat(both, dim=-1) for both in zip(*products, strict=True))
        memories = self._memories(candidates, forget)  # [B, T + 1, 2 H]
        reset = torch.sigmoid(reset + self.reset_of_memory * memories[:, :-1])
        ahead, back = torch.lerp(skipped, memories[:, 1:], reset).chunk(2, dim=-1)
        return torch.cat([ahead, take_frames(back, reversal)], dim=-1)

    def _memories(self, candidates: torch.Tensor, forget: torch.Tensor) -> torch.Tensor:
        """[B, T, 2 H] each -> [B, T + 1, 2 H], before the first frame and after each."""
        memory = torch.zeros_like(candidates[:, 0])
        memories = [memory]
        for candidate, gate in zip(candidates.unbind(1), forget.unbind(1), strict=True):
            kept = torch.sigmoid(torch.addcmul(gate, self.forget_of_memory, memory))
            memory = torch.lerp(candidate, memory, kept)
            memories.append(memory)
        return torch.stack(memories, dim=1)
