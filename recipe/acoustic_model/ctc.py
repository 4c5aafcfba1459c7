"""The whole acoustic model: front end, Conformer blocks, CTC output layer, and its loss."""

import torch
from torch import nn

from recipe.acoustic_model.config import ConformerConfig
from recipe.acoustic_model.conformer import ConformerBlock
from recipe.acoustic_model.frontend import VggFrontend


class ConformerCtc(nn.Module):
    """Log posteriors of labels and blank (last) for every 4th frame."""

    def __init__(self, config: ConformerConfig):
        super().__init__()
        self.frontend = VggFrontend(config)
        self.blocks = nn.ModuleList(ConformerBlock(config) for _ in range(config.num_blocks))
        self.dropout = nn.Dropout(config.dropout)
        self.output = nn.Linear(config.model_dim, config.num_outputs)

    def forward(self, features: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log posteriors.

        :param features: [B, T, F] log-mel, zero in the padding
        :param lengths: [B] frames, on any device
        :return: log posteriors [B, T', V] float32 and lengths [B] on the CPU
        """
        x, lengths = self.frontend(features, lengths.to("cpu", torch.int64))
        padding = _padding_bias(lengths, x)
        for block in self.blocks:
            x = block(x, padding)
        return self.output(self.dropout(x)).float().log_softmax(-1), lengths


def _padding_bias(lengths: torch.Tensor, x: torch.Tensor) -> torch.Tensor | None:
    """[B, 1, 1, T] of 0 and -inf for x [B, T, D], or None when nothing is padded."""
    if int(lengths.min()) == x.shape[1]:
        return None
    valid = torch.arange(x.shape[1]) < lengths[:, None]
    bias = torch.zeros(valid.shape, dtype=x.dtype).masked_fill_(~valid, -torch.inf)
    return bias[:, None, None].to(x.device)


def ctc_loss(
    log_probs: torch.Tensor, lengths: torch.Tensor, targets: torch.Tensor, target_lengths: torch.Tensor
) -> torch.Tensor:
    """CTC with the last label as blank; an utterance too short for its labels counts 0 (docs/paper.md, Training).

    :param log_probs: [B, T, V]; :param lengths: [B]; :param targets: [B, S]; :param target_lengths: [B]
    :return: negative log likelihood per utterance [B]
    """
    return nn.functional.ctc_loss(
        log_probs.transpose(0, 1),
        targets,
        lengths,
        target_lengths,
        blank=log_probs.shape[-1] - 1,
        reduction="none",
        zero_infinity=True,
    )
