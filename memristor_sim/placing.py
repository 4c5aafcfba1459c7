"""How one layer comes onto crossbars: names, converters, device, input ranges."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import torch

from memristor_sim.components import Converters
from memristor_sim.crossbar import Crossbar
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware
from memristor_sim.mapping import mapping_of
from memristor_sim.modules.programmed import ScaledCrossbar
from memristor_sim.parts import Part
from memristor_sim.programming import program_states
from memristor_sim.weights import has_column_scales, integer_matrix, is_fake_quantised, weight_bits

Built = TypeVar("Built", bound=ScaledCrossbar)


@dataclass(frozen=True, kw_only=True)
class Placing:
    """How one layer is mapped."""

    name: str
    """Of the layer, in what the user calls the model."""
    hardware: Hardware
    device_seed: int | None
    """None for empty states."""
    ranges: Mapping[str, float | None] = field(default_factory=dict)
    """Inputs that drive full scale, by name of a layer or of one of its parts; not of layers that have them."""
    tied: dict = field(default_factory=dict)
    """Crossbars that hold a weight already, by the weight: a weight that several layers share is one device."""

    def part(self, part: Part, name: str = "", *, fallback: float | None = None) -> ScaledCrossbar:
        """A ScaledCrossbar, empty or written, with a weight of the layer.

        :param name: which weight, if the layer has several.
        :param fallback: the input that drives full scale, where none is known of the part itself; None for that of the
            layer.
        """
        return self.built(ScaledCrossbar, part, name, fallback=fallback)

    def built(
        self, kind: type[Built], part: Part, name: str = "", *, fallback: float | None = None, **kwargs: Any
    ) -> Built:
        """Like `part`, of another class.

        :param kwargs: what the class takes besides.
        """
        crossbar, weight_scale = self._crossbar(part, joined(self.name, name))
        built = kind(
            crossbar,
            bias=part.bias if self.hardware.digital_bias else None,
            from_matrix=part.layout.from_matrix,
            dtype=part.carrier.weight.dtype,
            **kwargs,
        )
        input_range, device = self.range_of(part, name, fallback), crossbar.r_plus.device
        if isinstance(weight_scale, torch.Tensor):
            built.column_scale = weight_scale.flatten().float().to(device)
            weight_scale = 1.0
        built.scale = torch.tensor([weight_scale, input_range], device=device)
        return built

    def range_of(self, part: Part, name: str = "", fallback: float | None = None) -> float:
        """The input that drives full scale.

        :param fallback: as `part`.
        :raises MemristorError: it is not known.
        """
        if self.device_seed is None:
            return 1.0
        value = part.input_range if is_fake_quantised(part.carrier) else self._given_range(name, fallback)
        if value is None or not 0 < float(value) < float("inf"):
            raise MemristorError(
                f"The input range of layer {joined(self.name, name)!r} is {value}: calibrate the model first, or give "
                "program() calibration inputs or an input_range."
            )
        return float(value)

    def _given_range(self, part: str, fallback: float | None) -> float | None:
        own = self.ranges.get(joined(self.name, part))
        if own is not None:
            return own
        return self.ranges.get(self.name) if fallback is None else fallback

    def _crossbar(self, part: Part, name: str) -> tuple[Crossbar, float | torch.Tensor]:
        carrier, hardware = part.carrier, self.hardware
        mapping = mapping_of(part.kind.__name__, part.shape, weight_bits(carrier, hardware), hardware)
        key = part.crossbar_key()
        if key in self.tied and not is_fake_quantised(carrier):
            return self.tied[key][:2]
        converters = converters_of((self.name, name), hardware)
        crossbar = part.kind(mapping, converters=converters, hardware=hardware, name=name)
        for attribute, value in part.geometry:
            setattr(crossbar, attribute, value)
        columns = has_column_scales(carrier, hardware)
        scale: float | torch.Tensor = torch.ones(part.shape[0], part.shape[2]) if columns else 1.0
        if self.device_seed is not None:
            weight = integer_matrix(name, part, hardware)
            crossbar.write(*program_states(weight.integers, mapping, hardware, self.device_seed, name))
            scale = weight.scale
        crossbar.to(carrier.weight.device)
        self.tied[key] = crossbar, scale, carrier.weight  # the weight, so that its id is not given to another one
        return crossbar, scale


def converters_of(names: tuple[str, ...], hardware: Hardware) -> Converters:
    """The first converters whose pattern fits one of the names of a layer and its part, else those of the hardware."""
    own = (one for one in hardware.converters if any(fnmatchcase(each, one.pattern) for each in names))
    return next(own, Converters(pattern="*", dac=hardware.dac, adc=hardware.adc))


def joined(*names: str) -> str:
    """Names of modules as one; empty ones count for nothing."""
    return ".".join(filter(None, names))
