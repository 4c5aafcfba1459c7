"""A model on any system, as a value, and how to build and load it; no torch at module level."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memristor_sim.hardware import Hardware
from recipe.errors import InputError
from recipe.models.protocol import AcousticModel
from recipe.quantization.config import QuantizationConfig

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """What a checkpoint is a state of: a float model, a quantised one, or one on memristor hardware."""

    model: AcousticModel
    quantization: QuantizationConfig | None = None
    hardware: Hardware | None = None

    def __post_init__(self):
        if self.quantization is not None and self.model.quantizable_weights < 1:
            raise InputError(
                f"{type(self.model).__name__} has no layer that can be quantised (quantizable_weights is "
                f"{self.model.quantizable_weights}); use float systems alone, or let quantized_layers name some"
            )
        if self.hardware is not None and self.quantization is None:
            raise InputError("ModelSpec.hardware needs quantised weights; give ModelSpec.quantization as well")


def load_model(spec: ModelSpec, checkpoint: str | os.PathLike) -> nn.Module:
    """The model of `spec` with the state of `checkpoint`, on the CPU, in evaluation mode.

    :raises InputError: when the checkpoint is of another model
    """
    import memristor_sim
    from recipe.quantization.build import build_model, load_checkpoint

    module = build_model(spec.model, spec.quantization).eval()
    if spec.hardware is not None:
        module = memristor_sim.prepare(module, spec.hardware)
    return load_checkpoint(module, checkpoint).eval()
