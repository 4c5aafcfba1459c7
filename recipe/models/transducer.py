"""The transducer as a value: an encoder, a predictor and a joiner; no torch here. Source: arXiv 1211.3711."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from recipe.errors import InputError
from recipe.features.config import FRAMES_PER_SECOND
from recipe.identity import without
from recipe.models.checks import check_sizes
from recipe.models.predictor import Predictor
from recipe.models.protocol import AcousticModel, Loss

if TYPE_CHECKING:
    from torch import nn

LABELS_PER_FRAME = 3
"""Labels between two blanks that the searches allow. A frame is 40 ms, and speech has some 12 phonemes per second."""
LABELS_PER_S = 12.0
"""Assumed where nothing is known of the transcripts: phonemes of fluent speech."""
PARTS = ("encoder", "predictor", "joiner")
_FLOAT_BYTES = 4


class Encoder(AcousticModel, Protocol):
    """A model with CTC whose network splits into `encode` and `log_probs`."""

    @property
    def encoding_dim(self) -> int:
        """Width of what `encode` returns, D."""
        ...


@dataclass(frozen=True, kw_only=True)
class TransducerConfig:
    """A transducer on the encoder of a CTC model, which keeps its CTC output as an auxiliary loss.

    :raises InputError: naming a field that is out of range, or labels that the predictor cannot hold
    """

    encoder: Encoder
    """`ConformerConfig` or `LstmConfig`; its labels are those of the transducer."""
    predictor: Predictor
    """`ContextOnePredictor` or `LstmPredictor`."""
    joiner_dim: int = 128
    """J: width at which encoder and predictor are added, and tanh taken."""
    ctc_weight: float = 0.5
    """Factor of the encoder's CTC loss in training."""
    warm_start: bool = True
    """Begin with the encoder of a training of the same quantisation with CTC alone."""
    quantized_parts: tuple[str, ...] = PARTS
    """Which parts are quantised, and go onto crossbars. Embeddings stay digital: a lookup is no product."""
    joint_memory_gb: float = 4.0
    """Most memory for the joint tensor of a training batch. Enters no job id."""

    def __post_init__(self):
        check_sizes(self, "joiner_dim")
        if self.ctc_weight < 0:
            raise InputError(f"TransducerConfig.ctc_weight is {self.ctc_weight}; give 0 or more")
        if not self.quantized_parts or not set(self.quantized_parts) <= set(PARTS):
            raise InputError(
                f"TransducerConfig.quantized_parts is {self.quantized_parts!r}; give one or more of {', '.join(PARTS)}"
            )
        if self.joint_memory_gb <= 0:
            raise InputError(f"TransducerConfig.joint_memory_gb is {self.joint_memory_gb}; give a number above 0")
        self.predictor.check_labels(self.num_labels)

    def __sis_state__(self) -> dict:
        return without(self, "joint_memory_gb")

    @property
    def num_features(self) -> int:
        """Log-mel bands, F."""
        return self.encoder.num_features

    @property
    def num_labels(self) -> int:
        """Without blank, which is the last output."""
        return self.encoder.num_labels

    @property
    def num_outputs(self) -> int:
        """Labels and blank, V. The predictor has as many states of context one: a label, or none yet."""
        return self.encoder.num_outputs

    @property
    def emission_dim(self) -> int:
        """J: emissions are what the joiner takes of the encoder, a few hundred bytes per frame, where log posteriors
        of every state would be V times as many."""
        return self.joiner_dim

    @property
    def label_context(self) -> int | None:
        """That of the predictor."""
        return self.predictor.label_context

    @property
    def time_reduction(self) -> int:
        """Input frames per output frame."""
        return self.encoder.time_reduction

    @property
    def encoder_model(self) -> AcousticModel | None:
        """The CTC model that training starts from."""
        return self.encoder if self.warm_start else None

    def quantizes(self, part: str) -> bool:
        """Whether a part is quantised."""
        return part in self.quantized_parts

    @property
    def quantized_layers(self) -> tuple[str, ...]:
        """The encoder's own choice, and all linears and LSTMs of predictor and joiner."""
        encoder = tuple(f"encoder.{pattern}" for pattern in self.encoder.quantized_layers)
        others = tuple(f"{part}.*" for part in PARTS[1:] if self.quantizes(part))
        return (encoder if self.quantizes("encoder") else ()) + others

    @property
    def frontend_layers(self) -> tuple[str, ...]:
        """Those of the encoder."""
        return tuple(f"encoder.{pattern}" for pattern in getattr(self.encoder, "frontend_layers", ()))

    @property
    def matrices(self) -> tuple[tuple[str, int, int], ...]:
        """Name, inputs and outputs of the weight matrices of predictor and joiner."""
        joined = (
            ("joiner.encoder", self.encoder.encoding_dim, self.joiner_dim),
            ("joiner.predictor", self.predictor.output_dim, self.joiner_dim),
            ("joiner.output", self.joiner_dim, self.num_outputs),
        )
        own = self.predictor.matrices
        return tuple((f"predictor.{name}", rows, columns) for name, rows, columns in own) + joined

    @property
    def quantizable_weights(self) -> int:
        """Weights that crossbars hold."""
        own = sum(rows * columns for name, rows, columns in self.matrices if self.quantizes(name.split(".")[0]))
        return own + (self.encoder.quantizable_weights if self.quantizes("encoder") else 0)

    def flops_per_s(self, segment_s: float = 8.0) -> float:
        """Encoder, and the lattice of frames and labels that training computes, with LABELS_PER_S."""
        frames, labels = FRAMES_PER_SECOND / self.time_reduction, LABELS_PER_S * segment_s + 1
        per_label = {name: 2 * rows * columns for name, rows, columns in self.matrices}
        encoder, output = per_label.pop("joiner.encoder"), per_label.pop("joiner.output")
        lattice = frames * (encoder + labels * output) + labels / segment_s * sum(per_label.values())
        return self.encoder.flops_per_s(segment_s) + lattice

    def check_batches(self, batch_frames: int, target_lengths: Sequence[int]) -> None:
        """Whether the joint tensors of a training fit: tanh and logits, each with its gradient, in float32.

        :param batch_frames: most frames of features in a batch, padding included
        :param target_lengths: labels of the utterances
        :raises InputError: when a batch with the longest transcript would take more than `joint_memory_gb`
        """
        labels = max(target_lengths, default=0) + 1
        values = batch_frames // self.time_reduction * labels * 2 * (self.joiner_dim + self.num_outputs)
        gb = values * _FLOAT_BYTES / 1e9
        if gb > self.joint_memory_gb:
            raise InputError(
                f"the joint tensor of a batch takes up to {gb:.1f} GB ({batch_frames // self.time_reduction} frames "
                f"times {labels} labels), TransducerConfig.joint_memory_gb allows {self.joint_memory_gb:g}; lower "
                "TrainingConfig.batch_s, leave out the longest segments, or allow more"
            )

    def build(self, quantized: bool) -> nn.Module:
        """The network; see AcousticModel. Its forward returns emissions [B, T', J]."""
        from recipe.models.transducer_network import TransducerNetwork

        return TransducerNetwork(self, quantized)

    def loss(self) -> Loss:
        """The transducer's, and CTC's of the encoder with its weight."""
        from recipe.models.transducer_loss import TransducerLoss

        return TransducerLoss(self.ctc_weight)
