"""Which layers can go onto crossbars, and how each is put there.

To add a layer type: one entry in `_BUILDERS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from memristor_sim.crossbar import Crossbar
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Converters, Hardware
from memristor_sim.mapping import mapping_of
from memristor_sim.modules.linear import MemristorLinear
from memristor_sim.programming import program_states
from memristor_sim.weights import integer_weight, is_fake_quantised, weight_bits


@dataclass(frozen=True, kw_only=True)
class Placing:
    """How one layer is placed.

    :param device_seed: None for empty states.
    :param input_range: the input that drives full scale; None when the layer knows it itself.
    """

    name: str
    hardware: Hardware
    converters: Converters
    device_seed: int | None
    input_range: float | None = None

    def crossbar(self, kind: str, layer: nn.Module, to_matrix: Callable, *, part: str = "") -> tuple[Crossbar, float]:
        """A crossbar with the weight of `layer`, written unless the states are to stay empty, and the weight's scale.

        :param to_matrix: [weight's shape] to [groups, rows, columns], for arrays.
        """
        name = f"{self.name}.{part}" if part else self.name
        shape = to_matrix(torch.empty(layer.weight.shape, device="meta")).shape
        mapping = mapping_of(kind, tuple(shape), weight_bits(layer, self.hardware), self.hardware)
        dac, adc = self.converters.dac, self.converters.adc
        crossbar = Crossbar(mapping, dac=dac, adc=adc, hardware=self.hardware, name=name)
        scale = 1.0
        if self.device_seed is not None:
            weight = integer_weight(name, layer, self.hardware)
            scale = weight.scale
            matrix = to_matrix(torch.from_numpy(weight.integers)).numpy()
            crossbar.r_plus, crossbar.r_minus = program_states(
                matrix, mapping, self.hardware, self.device_seed, name
            )
        return crossbar.to(layer.weight.device), scale

    def range_of(self, layer: nn.Module) -> float:
        """:raises MemristorError: nothing says what full scale is."""
        if self.device_seed is None:
            return 1.0
        value = float(layer.input_range) if is_fake_quantised(layer) else self.input_range
        if value is None or not 0 < value < float("inf"):
            raise MemristorError(
                f"The input range of layer {self.name!r} is {value}: calibrate the model first, or give program() "
                "calibration inputs or an input_range."
            )
        return value


def _linear(layer: nn.Module, placing: Placing) -> nn.Module:
    crossbar, weight_scale = placing.crossbar("linear", layer, lambda weight: weight.T[None])
    return _with_scale(
        MemristorLinear(crossbar, bias=_bias(layer, placing), output_quantizer=_output_quantizer(layer)),
        weight_scale,
        placing.range_of(layer),
    )


def _with_scale(built: nn.Module, weight_scale: float, input_range: float) -> nn.Module:
    built.scale = torch.tensor([weight_scale, input_range], device=built.crossbar.r_plus.device)
    return built


def _bias(layer: nn.Module, placing: Placing) -> torch.Tensor | None:
    return layer.bias if placing.hardware.digital_bias else None


def _output_quantizer(layer: nn.Module) -> nn.Module:
    return layer.output_quantizer if is_fake_quantised(layer) else nn.Identity()


def builder_of(layer: nn.Module) -> Callable[[nn.Module, Placing], nn.Module] | None:
    """The function that puts this layer onto crossbars; None for layers that stay digital."""
    if is_fake_quantised(layer) and not isinstance(layer, tuple(_BUILDERS)):
        return _linear
    return next((build for kind, build in _BUILDERS.items() if isinstance(layer, kind)), None)


_BUILDERS: dict[type, Callable[[nn.Module, Placing], nn.Module]] = {nn.Linear: _linear}
