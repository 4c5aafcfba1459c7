"""What bidirectional recurrent models share as values; no torch here."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from recipe.features.config import FRAMES_PER_SECOND
from recipe.models.checks import check_dropouts, check_sizes
from recipe.models.vgg import VggCtcModel, vgg_flops_per_s


@dataclass(frozen=True, kw_only=True)
class RecurrentConfig(VggCtcModel, ABC):
    """A VGG4 front end, bidirectional recurrent layers and a CTC output layer.

    Recurrent models on memristors are what arXiv 2505.24721 names as future work.
    """

    num_labels: int
    """Without blank, which is added last."""
    num_features: int = 80
    frontend_channels: tuple[int, int, int, int] = (8, 8, 16, 16)
    frontend_pools: tuple[tuple[int, int], tuple[int, int]] = ((2, 4), (2, 2))
    """(time, feature) factor after each pair of convolutions."""
    model_dim: int = 96
    """Width of the front end's output."""
    hidden_dim: int = 128
    """Cells per direction and layer."""
    num_layers: int = 2
    dropout: float = 0.05
    """After the front end and every layer."""

    def __post_init__(self):
        check_sizes(self, "num_labels", "num_features", "model_dim", "hidden_dim", "num_layers")
        check_dropouts(self, "dropout")

    @abstractmethod
    def direction_weights(self, input_dim: int) -> int:
        """Of one direction of a layer whose input has that width."""

    @property
    def input_dims(self) -> list[int]:
        """Width of each layer's input."""
        return [self.model_dim] + [2 * self.hidden_dim] * (self.num_layers - 1)

    @property
    def encoding_dim(self) -> int:
        """Both directions of the last layer."""
        return 2 * self.hidden_dim

    @property
    def quantized_layers(self) -> tuple[str, ...]:
        """All recurrent layers; front end and output layer stay in float32, as in the paper's Conformer."""
        return ("layers.*",)

    @property
    def quantizable_weights(self) -> int:
        """Both directions of all layers."""
        return sum(2 * self.direction_weights(width) for width in self.input_dims)

    def flops_per_s(self, segment_s: float = 8.0) -> float:
        """Matrix products and convolutions; see AcousticModel."""
        outputs = 2 * self.hidden_dim * self.num_outputs
        rate = FRAMES_PER_SECOND / self.time_reduction
        return vgg_flops_per_s(self) + 2 * rate * (self.quantizable_weights + outputs)
