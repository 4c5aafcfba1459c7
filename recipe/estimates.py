"""How long tasks take, by arithmetic on what a graph is made of; docs/scale.md says where each rate comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memristor_sim.hardware import Hardware
    from recipe.models.protocol import AcousticModel
    from recipe.quantization.config import QuantizationConfig

WALKED_POINTS = 6
"""Pairs of scales that a device's tuning tries on its walk: the mean of mini's hundred devices."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """What one task gets done. CPU rates are measured on one core; nothing was measured on a GPU."""

    cpu_flops: float = 60e9
    """float32 operations per second of a model on one core (measured: 61e9 in training, 79e9 in recognition)."""
    gpu_flops: float = 8e12
    """The same on one data-centre GPU (assumed: 40 % of an A100's float32 peak of 19.5 TFLOP/s)."""
    training_factor: float = 3.0
    """Forward and backward pass against the forward pass (arithmetic)."""
    qat_factor: float = 1.4
    """A quantised model against the float one (measured on the CPU: 1.4 in a forward pass, less in training)."""
    device_factor: float = 6.0
    """Reading one plane of a simulated device against the digital product (measured on the CPU)."""
    programming_cells: float = 25e6
    """Cells written per second (measured)."""
    wired_cells: float = 2e5
    """Cells per second of arrays of 128 x 128 whose lines are solved (measured); smaller arrays go faster."""
    shares_factor: float = 1.6
    """Reading a device whose cells lose shares of their currents against one without (measured)."""
    log_mel_speed: float = 1000.0
    """Hours of audio per hour (measured: 1,400 to 3,000, without reading the recordings)."""
    search_speed: float = 3.0
    """Hours of audio per hour at beam 1024 with 150,000 words (arithmetic from a search at beam 128)."""
    segment_s: float = 8.0
    """Length of an utterance (TED-LIUM 2: 212 hours in 92,973 segments)."""
    wide_search_factor: float = 13.0
    """A search four times as wide against the search itself (measured on mini at 1024/24/18: docs/mini.md)."""

    def forward_hours(
        self,
        audio_h: float,
        on_gpu: bool,
        model: AcousticModel,
        quantization: QuantizationConfig | None,
        hardware: Hardware | None = None,
    ) -> float:
        """One pass of a model over so much audio."""
        if quantization is None:
            factor = 1.0
        elif hardware is None:
            factor = self.qat_factor
        else:
            factor = self.device_factor * hardware.planes(quantization.planes + 1)
            factor *= self.shares_factor if hardware.attenuates else 1
        return audio_h * model.flops_per_s() * factor / (self.gpu_flops if on_gpu else self.cpu_flops)

    def programming_hours(self, cells: int, hardware: Hardware | None) -> float:
        """Writing so many cells, and solving the lines of their arrays."""
        lines_s = 0.0
        if hardware is not None and hardware.wires is not None:
            lines_s = hardware.tile_rows * hardware.tile_columns / 128**2 / self.wired_cells
        return cells * (1 / self.programming_cells + lines_s) / 3600

    def search_hours(self, beam: int, audio_h: float) -> float:
        """One search at one pair of scales."""
        return audio_h * beam / 1024 / self.search_speed


ASSUMED_RATES = Rates()
