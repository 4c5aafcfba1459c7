"""Learning from a float model of the same graph: frame-wise KL divergence (arXiv 1503.02531)."""

from collections.abc import Sequence

import torch
from torch import nn

from recipe.formats.checkpoint import load_checkpoint
from recipe.models.ctc import ctc_loss
from recipe.models.protocol import AcousticModel
from recipe.training.options import Distil

KEPT_FRAMES = 1_000_000
"""Output frames whose posteriors are kept in memory: 11 hours at 25 a second, 160 MB of 79 labels."""


class Distillation:
    """The float model and how much it counts. It is loaded at the first step, and is no part of the trained network.

    On a CPU each utterance passes it alone, so that its posteriors depend on no other, and they are kept for later
    passes over the corpus. On a GPU batches pass it.
    """

    def __init__(self, model: AcousticModel, checkpoint: str, config: Distil):
        """
        :param model: whose log posteriors do not depend on labels
        :param checkpoint: of the float model
        """
        self.model, self.checkpoint, self.config = model, checkpoint, config
        self._teacher: nn.Module | None = None
        self._kept: dict[str, torch.Tensor] = {}
        self._free_frames = KEPT_FRAMES

    def __call__(
        self,
        network: nn.Module,
        features: torch.Tensor,
        clean: torch.Tensor,
        lengths: torch.Tensor,
        targets: torch.Tensor,
        target_lengths: torch.Tensor,
        tags: Sequence[str],
    ) -> torch.Tensor:
        """The loss per utterance, as Distil says.

        :param features: [B, T, F], masked; :param clean: before masking; :param lengths: [B]
        :param targets: [B, S]; :param target_lengths: [B]
        :param tags: names of the utterances
        :return: [B]
        """
        log_probs, num_frames = network(features, lengths)
        weight = self.config.weight
        own = ctc_loss(log_probs, num_frames, targets, target_lengths)
        return (1 - weight) * own + weight * self.divergence(log_probs, num_frames, self.taught(clean, lengths, tags))

    def divergence(self, log_probs: torch.Tensor, num_frames: torch.Tensor, taught: torch.Tensor) -> torch.Tensor:
        """temperature**2 times the KL divergence, summed over the frames of each utterance.

        :param log_probs: of the trained network [B, T', V]; :param num_frames: [B]
        :param taught: like `log_probs`, of the float model
        :return: [B]
        """
        temperature = self.config.temperature
        log_probs = log_probs[:, : taught.shape[1]]  # the rest is padding
        own, wanted = ((one / temperature).log_softmax(-1) for one in (log_probs, taught))
        divergence = nn.functional.kl_div(own, wanted, reduction="none", log_target=True).sum(-1)  # [B, T']
        valid = torch.arange(own.shape[1])[None] < num_frames[:, None]
        return temperature**2 * divergence.masked_fill(~valid.to(own.device), 0.0).sum(-1)

    @torch.no_grad()
    def taught(self, clean: torch.Tensor, lengths: torch.Tensor, tags: Sequence[str]) -> torch.Tensor:
        """Log posteriors of the float model, [B, T', V] float32.

        :param clean: [B, T, F]; :param lengths: [B]; :param tags: B names
        """
        if clean.is_cuda:
            return self.teacher(clean.device)(clean, lengths)[0]
        utterances = zip(tags, clean, lengths.tolist(), strict=True)
        taught = [self._taught(tag, frames[:length]) for tag, frames, length in utterances]
        return nn.utils.rnn.pad_sequence(taught, batch_first=True).float()

    def _taught(self, tag: str, frames: torch.Tensor) -> torch.Tensor:
        """Of one utterance [T, F], in half precision: [T', V]."""
        kept = self._kept.get(tag)
        if kept is None:
            kept = self.teacher(frames.device)(frames[None], torch.tensor([len(frames)]))[0][0].half()
            if len(kept) <= self._free_frames:
                self._free_frames -= len(kept)
                self._kept[tag] = kept
        return kept

    def teacher(self, device: torch.device) -> nn.Module:
        """The float model in evaluation mode."""
        if self._teacher is None:
            with torch.random.fork_rng():  # else a resumed training would draw other numbers than one that was not
                self._teacher = load_checkpoint(self.model.build(quantized=False), self.checkpoint)
            self._teacher.eval().requires_grad_(False).to(device)
        return self._teacher
