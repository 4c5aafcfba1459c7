"""What models with the convolutional front end and CTC share; no torch here."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Protocol

from recipe.features.config import FRAMES_PER_SECOND

if TYPE_CHECKING:
    from recipe.models.protocol import AcousticModel, Loss


class VggSizes(Protocol):
    """What a model with a VggFrontend says of it."""

    @property
    def num_features(self) -> int:
        """Log-mel bands, F."""
        ...

    @property
    def frontend_channels(self) -> tuple[int, int, int, int]:
        """Of the four convolutions."""
        ...

    @property
    def frontend_pools(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """(time, feature) factor after each pair of convolutions."""
        ...

    @property
    def model_dim(self) -> int:
        """Width of its output."""
        ...


class VggCtcModel:
    """What follows for a model value with a VggFrontend and a CTC output layer."""

    num_labels: int
    frontend_pools: tuple[tuple[int, int], tuple[int, int]]

    @property
    def num_outputs(self) -> int:
        """Labels and blank, V."""
        return self.num_labels + 1

    @property
    def time_reduction(self) -> int:
        """Input frames per output frame."""
        return prod(time for time, _ in self.frontend_pools)

    @property
    def emission_dim(self) -> int:
        """Log posteriors: V."""
        return self.num_outputs

    @property
    def frontend_layers(self) -> tuple[str, ...]:
        """Patterns of the modules that QuantizationConfig.quantize_frontend adds."""
        return ("frontend.*",)

    @property
    def label_context(self) -> int | None:
        """0: outputs of CTC do not depend on labels."""
        return 0

    @property
    def encoder_model(self) -> AcousticModel | None:
        """None: it is trained from scratch."""
        return None

    def quantizes(self, part: str) -> bool:
        """It is one part."""
        return True

    def check_batches(self, batch_frames: int, target_lengths: Sequence[int]) -> None:
        """Targets decide nothing of its memory."""

    def loss(self) -> Loss:
        """CTC."""
        from recipe.models.ctc import CtcLoss

        return CtcLoss()


def vgg_flops_per_s(sizes: VggSizes) -> float:
    """Floating point operations per second of audio."""
    c1, c2, c3, c4 = sizes.frontend_channels
    (time1, band1), (time2, band2) = sizes.frontend_pools
    rate, bands = float(FRAMES_PER_SECOND), sizes.num_features
    flops = 2 * 9 * rate * bands * (c1 + c1 * c2)
    rate, bands = rate / time1, bands // band1
    flops += 2 * 9 * rate * bands * (c2 * c3 + c3 * c4)
    rate, bands = rate / time2, bands // band2
    return flops + rate * 2 * c4 * bands * sizes.model_dim
