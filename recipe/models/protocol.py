"""What a graph asks of an acoustic model and its loss. A model is a value: a frozen dataclass, built where torch is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    import torch
    from torch import nn


class Heard(NamedTuple):
    """What a network makes of one utterance without a language model."""

    loss: float
    """Negative log likelihood of its labels."""
    frames: int
    """Of the output."""
    blank_frames: int
    """Frames in which the greedy path emits no label."""
    labels: list[int]
    """Of the greedy path."""


class Loss(Protocol):
    """What training minimises, and what a model that learned nothing would have of it."""

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

    def constant_loss(self, targets: Sequence[torch.Tensor], frames: Sequence[int], num_outputs: int) -> float:
        """Least loss of one distribution over labels and blank that is emitted always, summed over utterances.

        :param targets: label ids of each utterance, [S] int64
        :param frames: output frames of each utterance
        :param num_outputs: labels and blank, which is the last
        """
        ...

    def heard(self, network: nn.Module, features: torch.Tensor, labels: torch.Tensor) -> Heard:
        """One utterance through a network in evaluation mode.

        :param features: [T, F]; :param labels: [S] int64
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
    def emission_dim(self) -> int:
        """Width of what the network's forward returns: V where these are log posteriors."""
        ...

    @property
    def label_context(self) -> int | None:
        """Labels before it that an output depends on: 0 where it follows from the audio alone, None for all labels."""
        ...

    @property
    def encoder_model(self) -> AcousticModel | None:
        """The model whose trained state the network's `encoder` starts from; None for training from scratch."""
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

    def quantizes(self, part: str) -> bool:
        """Whether a part of the model, such as its `encoder`, is quantised."""
        ...

    def check_batches(self, batch_frames: int, target_lengths: Sequence[int]) -> None:
        """Whether a training's batches fit into memory, as far as their targets decide.

        :param batch_frames: most frames of features in a batch, padding included
        :param target_lengths: labels of the utterances
        :raises InputError: when one does not
        """
        ...

    def flops_per_s(self, segment_s: float = 8.0) -> float:
        """Floating point operations of a forward pass per second of audio, in segments of so many seconds.

        Two operations for each multiplication with its addition.
        """
        ...

    def build(self, quantized: bool) -> nn.Module:
        """The network, newly initialised from torch's global generator.

        Its forward takes features [B, T, F] (zero in the padding) and lengths [B]. It returns emissions
        [B, T', `emission_dim`] in float32, which are log posteriors where the label context is 0, and their lengths [B]
        on the CPU. Its `run_rest` takes the emissions [T', ...] of an utterance and runs the layers that forward
        does not, so that their ranges and converters are seen.

        :param quantized: whether its layers are about to be quantised, where that changes the initial weights
        """
        ...

    def loss(self) -> Loss:
        """The loss that it is trained with."""
        ...
