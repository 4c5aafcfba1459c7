"""A float, quantised or programmed model as a value, and how to load it. Imports torch inside functions only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memristor_sim.hardware import Hardware
from recipe.errors import InputError
from recipe.hardware.calibration import DeviceCalibration
from recipe.identity import state_without
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What a checkpoint is a state of: a float model, a quantised one, or one on memristor hardware.

    :raises InputError: for hardware without quantisation, or quantisation of a model without a layer to quantise
    """

    model: AcousticModel
    """The network."""
    quantization: QuantizationConfig | None = None
    """Bits, and what is quantised; None for a float model."""
    hardware: Hardware | None = None
    """What the quantised layers are programmed onto; None for a digital model."""
    calibration: DeviceCalibration = ()
    """What was set on the device after programming; nothing without hardware."""

    def __post_init__(self):
        if self.quantization is not None and self.model.quantizable_weights < 1:
            raise InputError(
                f"{type(self.model).__name__} has no layer that can be quantised (quantizable_weights is "
                f"{self.model.quantizable_weights}); use float systems alone, or let quantized_layers name some"
            )
        if self.hardware is not None and self.quantization is None:
            raise InputError("ModelSpec.hardware needs quantised weights; give ModelSpec.quantization as well")
        if self.hardware is None:  # so that replace(spec, hardware=None) is the digital model
            object.__setattr__(self, "calibration", ())

    def __sis_state__(self) -> dict:
        return state_without(self, calibration=())

    @property
    def num_cells(self) -> int:
        """Memristor cells that a device needs: two per weight and digit plane; 0 without quantisation."""
        if self.quantization is None:
            return 0
        planes = self.quantization.planes
        if self.hardware is not None:
            planes = self.hardware.planes(planes + 1)
        return 2 * planes * self.model.quantizable_weights


def load_model(spec: ModelSpec, checkpoint: str | os.PathLike) -> nn.Module:
    """The model of `spec` with the state of `checkpoint`, on the CPU, in evaluation mode.

    :raises InputError: when the checkpoint does not fit `spec`
    """
    import memristor_sim
    from recipe.formats.checkpoint import load_checkpoint
    from recipe.quantization.build_model import build_model

    module = build_model(spec.model, spec.quantization).eval()
    if spec.hardware is not None:
        module = memristor_sim.prepare(module, spec.hardware)
    for step in spec.calibration:
        step.expect(module)
    return load_checkpoint(module, checkpoint).eval()
