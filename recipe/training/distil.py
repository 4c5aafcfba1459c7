"""Learning from a float model of the same graph: frame-wise KL divergence (arXiv 1503.02531)."""

import torch
from torch import nn

from recipe.formats.checkpoint import load_checkpoint
from recipe.models.ctc import ctc_loss
from recipe.models.protocol import AcousticModel
from recipe.training.options import Distil


class Distillation:
    """The float model and how much it counts. It is loaded at the first step, and is no part of the trained network."""

    def __init__(self, model: AcousticModel, checkpoint: str, config: Distil):
        """
        :param model: whose log posteriors do not depend on labels
        :param checkpoint: of the float model
        """
        self.model, self.checkpoint, self.config = model, checkpoint, config
        self._teacher: nn.Module | None = None

    def __call__(
        self,
        network: nn.Module,
        features: torch.Tensor,
        clean: torch.Tensor,
        lengths: torch.Tensor,
        targets: torch.Tensor,
        target_lengths: torch.Tensor,
    ) -> torch.Tensor:
        """The loss per utterance, as Distil says.

        :param features: [B, T, F], masked; :param clean: before masking; :param lengths: [B]
        :param targets: [B, S]; :param target_lengths: [B]
        :return: [B]
        """
        log_probs, num_frames = network(features, lengths)
        weight = self.config.weight
        own = ctc_loss(log_probs, num_frames, targets, target_lengths)
        return (1 - weight) * own + weight * self.divergence(log_probs, num_frames, clean, lengths)

    def divergence(
        self, log_probs: torch.Tensor, num_frames: torch.Tensor, clean: torch.Tensor, lengths: torch.Tensor
    ) -> torch.Tensor:
        """temperature**2 times the KL divergence, summed over the frames of each utterance.

        :param log_probs: of the trained network [B, T', V]; :param num_frames: [B]
        :param clean: features before masking, [B, T, F]; :param lengths: [B]
        :return: [B]
        """
        with torch.no_grad():
            wanted, _ = self.teacher(clean.device)(clean, lengths)
        temperature = self.config.temperature
        own, wanted = ((one / temperature).log_softmax(-1) for one in (log_probs, wanted))
        divergence = nn.functional.kl_div(own, wanted, reduction="none", log_target=True).sum(-1)  # [B, T']
        valid = torch.arange(own.shape[1])[None] < num_frames[:, None]
        return temperature**2 * divergence.masked_fill(~valid.to(own.device), 0.0).sum(-1)

    def teacher(self, device: torch.device) -> nn.Module:
        """The float model in evaluation mode."""
        if self._teacher is None:
            with torch.random.fork_rng():  # else a resumed training would draw other numbers than one that was not
                self._teacher = load_checkpoint(self.model.build(quantized=False), self.checkpoint)
            self._teacher.eval().requires_grad_(False).to(device)
        return self._teacher
