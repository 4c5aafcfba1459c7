"""What a graph asks of an acoustic model and its loss. A model is a value: a frozen dataclass, built where torch is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch
    from torch import nn


class Loss(Protocol):
    """What training minimises."""

    name: str
    """In RETURNN's log and in learning curves."""

    def __call__(
        self,
        network: nn.Module,
        features: torch.Tensor,
        lengths: torch.Tensor,
        targets: torch.Tensor,
        target_lengths: torch.Tensor,
    ) -> torch.Tensor:
        """Negative log likelihood per utterance.

        :param features: [B, T, F]; :param lengths: [B]; :param targets: [B, S]; :param target_lengths: [B]
        :return: [B]
        """
        ...


class AcousticModel(Protocol):
    """Sizes of a model, and what follows from them. Building a graph imports no torch, so `build` and `loss` do."""

    @property
    def num_features(self) -> int:
        """Log-mel bands, F."""
        ...

    @property
    def num_labels(self) -> int:
        """Without blank, which is the last output."""
        ...

    @property
    def num_outputs(self) -> int:
        """Labels and blank, V."""
        ...

    @property
    def time_reduction(self) -> int:
        """Input frames per output frame."""
        ...

    @property
    def quantized_layers(self) -> tuple[str, ...]:
        """Shell-style patterns of the names of modules that are quantised, and go onto crossbars."""
        ...

    @property
    def quantizable_weights(self) -> int:
        """Weights that crossbars hold; 0 for a model that cannot be quantised."""
        ...

    def flops_per_s(self, segment_s: float = 8.0) -> float:
        """Floating point operations of a forward pass per second of audio, in segments of so many seconds.

        Two operations for each multiplication with its addition.
        """
        ...

    def build(self, quantized: bool) -> nn.Module:
        """The network, newly initialised from torch's global generator.

        Its forward takes features [B, T, F] (zero in the padding) and lengths [B]. It returns log posteriors
        [B, T', V] in float32 and their lengths [B] on the CPU.

        :param quantized: whether its layers are about to be quantised, where that changes the initial weights
        """
        ...

    def loss(self) -> Loss:
        """The loss that it is trained with."""
        ...
