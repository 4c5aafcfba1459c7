"""Noise on quantised weights in training: what a device would make of them, drawn anew in every step.

Source: docs/device_aware_training.md.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from memristor_sim.ageing import relaxed
from memristor_sim.components import StuckAt
from memristor_sim.conversion import mapped_layers
from memristor_sim.hardware import Hardware
from memristor_sim.linear_crossbar import LinearCrossbar
from memristor_sim.mapping import Mapping, digits, mapping_of
from memristor_sim.placing import converters_of
from memristor_sim.programming import stuck
from memristor_sim.seeds import bit_stream
from recipe.quantization.weight_quant import FittedQuantize
from recipe.training.options import PHYSICAL, DeviceNoise, GaussianNoise, Noise

ARRAYS = 16
"""That the simulated cells are spread over: what cells of one array share is drawn as often."""


class NoiseControl:
    """The noise of all quantisers of a network, and how strong it is in the present step."""

    def __init__(self, network: nn.Module, noise: Noise, num_sub_epochs: int):
        """Attaches to every weight quantiser of the layers that go onto crossbars.

        :param num_sub_epochs: of the training, which the ramp is a share of
        """
        self.noise, self.num_sub_epochs = noise, num_sub_epochs
        self.mean, self.spread = 1.0, 1.0
        """Factors of the mean error and of its spread."""
        hardware = noise.hardware if isinstance(noise, DeviceNoise) else PHYSICAL
        errors: dict[tuple[int, int, str], LevelErrors] = {}
        for name, layer in mapped_layers(network, hardware).items():
            for quantizer in layer.modules():
                if isinstance(quantizer, FittedQuantize) and _is_of_weight(layer, quantizer):
                    quantizer.noise = self._of(quantizer, name, errors)

    def _of(self, quantizer: FittedQuantize, name: str, errors: dict) -> "DeviceErrors | GaussianErrors":
        if isinstance(self.noise, GaussianNoise):
            return GaussianErrors(self, self.noise, quantizer.bits - 1)
        converters = converters_of((name,), self.noise.hardware)
        key = quantizer.bits, quantizer.quant_max, repr(converters.dac)
        if key not in errors:
            errors[key] = level_errors(self.noise, quantizer.bits, quantizer.quant_max, name)
        return DeviceErrors(self, errors[key])

    def start_step(self, sub_epoch: int) -> None:
        """Set the strength of a step, and draw the factor of its spread (torch's global generator).

        :param sub_epoch: from 1
        """
        strength = self.noise.strength(sub_epoch, self.num_sub_epochs)
        self.mean = self.spread = strength
        low, high = self.noise.spread if isinstance(self.noise, DeviceNoise) else (1.0, 1.0)
        self.spread *= low if low == high else low + (high - low) * torch.rand(()).item()


def _is_of_weight(layer: nn.Module, quantizer: nn.Module) -> bool:
    return quantizer is not getattr(layer, "input_quantizer", None)


@dataclass(frozen=True)
class LevelErrors:
    """What devices make of a weight of each level -qmax..qmax on average, in levels: float32 [2 qmax + 1] each."""

    mean: torch.Tensor
    """Mean of programmed minus wanted."""
    std: torch.Tensor
    """Standard deviation over weights."""


def level_errors(noise: DeviceNoise, bits: int, quant_max: int, layer: str = "") -> LevelErrors:
    """Mean and spread of programmed weights by level, from simulated cells that hold each digit.

    :param bits: of the weights; :param quant_max: qmax
    :param layer: name, which may select converters
    """
    hardware = noise.hardware
    mapping = mapping_of(LinearCrossbar.__name__, (1, 1, 1), bits, hardware)
    cells = [_digit_states(noise, digit) for digit in range(hardware.levels)]
    means, variances = (np.array([function(one) for one in cells]) for function in (np.mean, np.var))
    levels = np.arange(-quant_max, quant_max + 1)
    lines = [digits(np.maximum(sign * levels, 0), mapping) for sign in (1, -1)]
    places = np.array(mapping.plane_weights, float)[:, None]
    gain = _gain(mapping, hardware, layer)
    mean = gain * (places * (means[lines[1]] - means[lines[0]])).sum(0)
    variance = gain**2 * (places**2 * (variances[lines[0]] + variances[lines[1]])).sum(0)
    return LevelErrors(
        torch.from_numpy(mean - levels).float(),
        torch.from_numpy(np.sqrt(variance)).float(),
    )


def _digit_states(noise: DeviceNoise, digit: int) -> np.ndarray:
    """States of cells that a digit was written to, float64 [cells]."""
    hardware, each = noise.hardware, -(-noise.cells // ARRAYS)
    states = []
    for array in range(ARRAYS):
        wanted = np.full(each, digit, np.uint8)
        if hardware.stuck_at != StuckAt():
            wanted = stuck(wanted, hardware, bit_stream(noise.seed, "training noise", digit, array, "faults"))
        stream = bit_stream(noise.seed, "training noise", digit, array)
        written = hardware.cell.written_states(wanted, hardware.writing, stream)
        if hardware.drift is not None and hardware.age_s:
            written = relaxed(written, hardware.drift, hardware.age_s)
        states.append(written)
    return np.concatenate(states).astype(np.float64)


def _gain(mapping: Mapping, hardware: Hardware, layer: str) -> float:
    """Weight steps per difference of two states, the line closest to the characteristic over the DAC's levels."""
    crossbar = LinearCrossbar(mapping, converters=converters_of((layer,), hardware), hardware=hardware, name=layer)
    ones = torch.ones(mapping.shape, dtype=torch.float16)
    crossbar.write(torch.zeros_like(ones), ones)
    return float(crossbar.effective_weight()) / sum(mapping.plane_weights)


class DeviceErrors:
    """Errors of one layer's weights; see recipe.quantization.weight_quant.WeightNoise."""

    def __init__(self, control: NoiseControl, errors: LevelErrors):
        self.control, self.errors = control, errors
        self.quant_max = len(errors.mean) // 2

    @torch.no_grad()
    def _draw(self, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        if self.errors.mean.device != weight.device:
            self.errors = LevelErrors(self.errors.mean.to(weight.device), self.errors.std.to(weight.device))
        level = (weight * scale.reciprocal()).add_(self.quant_max + 0.5).to(torch.int32).flatten()
        error = torch.randn(level.shape, device=weight.device)
        error.mul_((self.errors.std * self.control.spread).index_select(0, level))
        error.add_((self.errors.mean * self.control.mean).index_select(0, level))
        return error.view(weight.shape).mul_(scale)

    def __call__(self, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """See WeightNoise."""
        return weight + self._draw(weight, scale)


class GaussianErrors:
    """Gaussian errors of one layer's weights; see recipe.quantization.weight_quant.WeightNoise."""

    def __init__(self, control: NoiseControl, noise: GaussianNoise, planes: int):
        self.control, self.noise = control, noise
        self.steps = (2 * sum(4**plane for plane in range(planes))) ** 0.5 * (noise.per_plane or 0.0)

    @torch.no_grad()
    def _draw(self, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        if self.noise.of_column_maximum is None:
            spread = scale * self.steps
        else:
            spread = weight.abs().amax(tuple(range(1, weight.dim())), keepdim=True) * self.noise.of_column_maximum
        return torch.randn_like(weight).mul_(spread * self.control.spread)

    def __call__(self, weight: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        """See WeightNoise."""
        return weight + self._draw(weight, scale)
