"""How many bytes of weights a digital accelerator reads from off-chip memory, by arithmetic; no torch here.

That such reads dominate the energy of recognition on small devices, and that their number follows from the size of each
layer and from how layers and time steps are scheduled, is what the introduction of arXiv 2102.11531 says. The rules
below are our reading of it; its tables were not available, and nothing here reproduces a figure of it:

- A model that fits into the on-chip buffer as a whole is read once, when it is switched on.
- Of any other model, a layer is read once per chunk of frames: it is applied to all frames of the chunk.
- A recurrent matrix that does not fit is read in every frame, as each needs the frame before it.
- What follows a label (the predictor) cannot be computed for the next one before that is known: without a buffer that
  holds it, it is read for every label, and the joiner's output layer for every frame and every label.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recipe.errors import InputError

FRAME, RECURRENT, LABEL, PAIR = "frame", "recurrent", "label", "pair"
STEPS = (FRAME, RECURRENT, LABEL, PAIR)
WHOLE = 0
"""Frames of a chunk that is the whole utterance."""


@dataclass(frozen=True, kw_only=True)
class WeightLayer:
    """A weight matrix, and what makes it compute."""

    name: str
    rows: int
    """Inputs; of a convolution, channels of a group times the size of the kernel."""
    columns: int
    """Outputs of a group."""
    groups: int = 1
    step: str = FRAME
    """`frame`; `recurrent`: a frame, after the one before it; `label`; `pair`: a frame or a label, as in joiners."""
    mapped: bool = False
    """Whether crossbars may hold it, so that it is read no more."""

    def __post_init__(self):
        if self.step not in STEPS:
            raise InputError(f"WeightLayer.step of {self.name} is {self.step!r}; give one of {', '.join(STEPS)}")

    @property
    def weights(self) -> int:
        """Number of them."""
        return self.groups * self.rows * self.columns

    def bytes_of(self, weight_bits: int) -> float:
        """Size at this width."""
        return self.weights * weight_bits / 8


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What is recognised.

    :raises InputError: when a rate is not above 0
    """

    frames_per_s: float = 25.0
    labels_per_s: float = 12.0
    utterance_s: float = 8.0

    def __post_init__(self):
        if min(self.frames_per_s, self.labels_per_s, self.utterance_s) <= 0:
            raise InputError("Speech.frames_per_s, labels_per_s and utterance_s must be above 0")

    def steps_per_s(self, step: str) -> float:
        """How often a layer computes: a joiner sees each frame, and each label once more."""
        return {
            FRAME: self.frames_per_s,
            RECURRENT: self.frames_per_s,
            LABEL: self.labels_per_s,
            PAIR: self.frames_per_s + self.labels_per_s,
        }[step]

    def chunks_per_s(self, frames: int) -> float:
        """:param frames: of a chunk, or WHOLE"""
        return 1 / self.utterance_s if frames == WHOLE else self.frames_per_s / frames


def reads_per_s(layer: WeightLayer, weight_bits: int, chunk_frames: int, buffer_bytes: float, speech: Speech) -> float:
    """How often the weights of one layer are read per second of audio, in a model that does not fit as a whole."""
    chunks, steps = speech.chunks_per_s(chunk_frames), speech.steps_per_s(layer.step)
    if layer.step == FRAME or layer.bytes_of(weight_bits) <= buffer_bytes:
        return min(chunks, steps)
    return steps


def bytes_per_s(
    layers: Sequence[WeightLayer],
    weight_bits: int,
    chunk_frames: int,
    buffer_bytes: float,
    speech: Speech,
) -> float:
    """Bytes of weights read from off-chip memory per second of audio.

    :param chunk_frames: frames that a layer is applied to before the next layer, or WHOLE
    :param buffer_bytes: on-chip memory for weights
    :raises InputError: when chunk or buffer is negative
    """
    if chunk_frames < 0 or buffer_bytes < 0:
        raise InputError(f"a chunk of {chunk_frames} frames and a buffer of {buffer_bytes:g} bytes: give 0 or more")
    if sum(layer.bytes_of(weight_bits) for layer in layers) <= buffer_bytes:
        return 0.0
    return sum(
        layer.bytes_of(weight_bits) * reads_per_s(layer, weight_bits, chunk_frames, buffer_bytes, speech)
        for layer in layers
    )


@dataclass(frozen=True, kw_only=True)
class ReadsRow:
    """One cell of the table."""

    model: str
    in_memory: bool
    """Whether crossbars hold what they may; the rest is read as before."""
    weights: int
    """Of the layers that are read."""
    chunk_frames: int
    """WHOLE for utterances."""
    buffer_mb: float
    bytes_per_s: float


def table(
    models: Mapping[str, Sequence[WeightLayer]],
    weight_bits: int,
    speech: Speech,
    chunks: Sequence[int] = (1, 4, 16, WHOLE),
    buffers_mb: Sequence[float] = (0.0, 0.25, 1.0, 4.0),
) -> list[ReadsRow]:
    """Every model with every schedule and buffer, digital and in memory; a MB is 10^6 bytes."""
    rows = []
    for name, layers in models.items():
        for in_memory in (False, True):
            read = [layer for layer in layers if not (in_memory and layer.mapped)]
            rows += [
                ReadsRow(
                    model=name,
                    in_memory=in_memory,
                    weights=sum(layer.weights for layer in read),
                    chunk_frames=chunk,
                    buffer_mb=buffer_mb,
                    bytes_per_s=bytes_per_s(read, weight_bits, chunk, 1e6 * buffer_mb, speech),
                )
                for chunk in chunks
                for buffer_mb in buffers_mb
            ]
    return rows
