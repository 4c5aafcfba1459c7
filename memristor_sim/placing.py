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
from memristor_sim.weights import integer_weight, is_fake_quantised, weight_bits

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
        built.scale = torch.tensor([weight_scale, self.range_of(part, name, fallback)], device=crossbar.r_plus.device)
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

    def _crossbar(self, part: Part, name: str) -> tuple[Crossbar, float]:
        carrier, hardware = part.carrier, self.hardware
        mapping = mapping_of(part.kind.__name__, part.shape, weight_bits(carrier, hardware), hardware)
        key = part.crossbar_key()
        if key in self.tied and not is_fake_quantised(carrier):
            crossbar, scale, _ = self.tied[key]
            return crossbar, scale
        crossbar = part.kind(mapping, converters=self._converters(name), hardware=hardware, name=name)
        for attribute, value in part.geometry:
            setattr(crossbar, attribute, value)
        scale = 1.0
        if self.device_seed is not None:
            weight = integer_weight(name, carrier, hardware)
            matrix = part.layout.to_matrix(torch.from_numpy(weight.integers)).numpy()
            crossbar.write(*program_states(matrix, mapping, hardware, self.device_seed, name))
            scale = weight.scale
        crossbar.to(carrier.weight.device)
        self.tied[key] = crossbar, scale, carrier.weight  # the weight, so that its id is not given to another one
        return crossbar, scale

    def _converters(self, name: str) -> Converters:
        names = (self.name, name)
        own = (one for one in self.hardware.converters if any(fnmatchcase(each, one.pattern) for each in names))
        return next(own, Converters(pattern="*", dac=self.hardware.dac, adc=self.hardware.adc))


def joined(*names: str) -> str:
    """Names of modules as one; empty ones count for nothing."""
    return ".".join(filter(None, names))
