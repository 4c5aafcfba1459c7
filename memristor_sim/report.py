"""What of a model came onto crossbars, what stayed digital and why."""

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from torch import nn

from memristor_sim.errors import MemristorError, MemristorWarning

BY_PATTERN = "Hardware.include and exclude leave it out"
DEPTHWISE = "one input channel per group, and Hardware.map_depthwise is False"
BESIDE_QUANTISED = "plain, in a model with fake-quantised layers"
NEVER_CALLED = "the calibration inputs never called it: its weight is used in another way, or not at all"
ONLY_ZEROS = "the calibration inputs drove it with zeros alone"
EMPTY = "its weight has no elements"
LOOK_UP = "a table that is looked up, not multiplied"
SMALL = "no matrix: normalisation, scales and the like"
_NOT_PRODUCTS = (LOOK_UP, SMALL, EMPTY)
_EXPECTED = (*_NOT_PRODUCTS, BY_PATTERN, DEPTHWISE, BESIDE_QUANTISED)
"""Reasons that nobody needs to be warned of."""


@dataclass(frozen=True, kw_only=True)
class LayerReport:
    """One layer."""

    name: str
    type: str
    """Class of the original."""
    weights: int
    """Elements of its tensors without biases."""
    multiply_adds: float | None = None
    """While the calibration inputs ran; None without calibration or if the type is not known."""
    left: str = ""
    """Why it stayed digital; empty if it is on crossbars."""

    @property
    def is_product(self) -> bool:
        """Whether it multiplies its inputs with a matrix."""
        return self.left not in _NOT_PRODUCTS


@dataclass(frozen=True)
class MappingReport:
    """All layers with weights. `print` it, or ask for shares."""

    layers: tuple[LayerReport, ...]
    clip_rates: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Shares of clipped DAC and ADC conversions while calibration inputs ran on the device, by crossbar."""

    @property
    def mapped(self) -> tuple[LayerReport, ...]:
        """What is on crossbars."""
        return tuple(layer for layer in self.layers if not layer.left)

    @property
    def left(self) -> tuple[LayerReport, ...]:
        """What multiplies with a matrix and stayed digital."""
        return tuple(layer for layer in self.layers if layer.left and layer.is_product)

    @property
    def weight_share(self) -> float:
        """Share of the weights on crossbars, of those that are multiplied with."""
        mapped, left = (sum(layer.weights for layer in some) for some in (self.mapped, self.left))
        return mapped / max(1, mapped + left)

    @property
    def multiply_add_share(self) -> float | None:
        """Share of the multiply-adds on crossbars while the calibration inputs ran; None without calibration.

        Of layers whose type is not known, and of attention scores, none are counted.
        """
        mapped, left = (sum(layer.multiply_adds or 0.0 for layer in some) for some in (self.mapped, self.left))
        return mapped / (mapped + left) if mapped + left else None

    def __str__(self) -> str:
        share = self.multiply_add_share
        counted = "" if share is None else f" and {share:.1%} of the multiply-adds"
        head = f"{len(self.mapped)} layers on crossbars: {self.weight_share:.1%} of the weights{counted}."
        clipped = sorted(self.clip_rates.items(), key=lambda one: -max(one[1]))[:5]
        lines = [f"  DAC {dac:.2%}, ADC {adc:.2%}  {name}" for name, (dac, adc) in clipped if max(dac, adc)]
        return "\n".join([head, *_lines(self.layers), *(["conversions that clip most:"] if lines else []), *lines])


def _lines(layers: tuple[LayerReport, ...]) -> Iterator[str]:
    total = max(1, sum(layer.weights for layer in layers if layer.is_product))
    for reason in dict.fromkeys(layer.left for layer in layers):
        yield "on crossbars:" if not reason else f"digital, {reason}:"
        for layer in (layer for layer in layers if layer.left == reason):
            share = f"{layer.weights / total:6.1%}" if layer.is_product else "     -"
            yield f"  {share}  {layer.name or '(the model)'} ({layer.type}, {layer.weights} weights)"


def unknown_type(layer: nn.Module, parent: type | None) -> str:
    """Why a layer of this type stays digital.

    :param parent: the mappable type from which its type descends.
    """
    name = type(layer).__name__
    if parent is not None:
        return f"{name} may compute something else than {parent.__name__}: if not, give program(subclasses=({name},))"
    if isinstance(layer, nn.Embedding | nn.EmbeddingBag):
        return LOOK_UP
    if all(tensor.dim() < 2 or max(tensor.shape) == tensor.numel() for _, tensor in own_weights(layer)):
        return SMALL
    return f"no crossbar form of {name} is known"


def own_weights(layer: nn.Module) -> list[tuple[str, nn.Parameter]]:
    """The parameters of the module itself but for biases."""
    return [(key, tensor) for key, tensor in layer._parameters.items() if tensor is not None and "bias" not in key]


def check(report: MappingReport, *, strict: bool) -> None:
    """Warn of layers that stayed digital unasked or, if strict, raise for all but those left out by name.

    :raises MemristorError: in a strict conversion.
    """
    expected = (*_NOT_PRODUCTS, BY_PATTERN) if strict else _EXPECTED
    left = [layer for layer in report.layers if layer.left and layer.left not in expected]
    if not left:
        return
    shown = "; ".join(f"{layer.name!r}: {layer.left}" for layer in left[:3])
    more = f"; and {len(left) - 3} more" if len(left) > 3 else ""
    sentence = f"{len(left)} layers of the model stay digital ({shown}{more})"
    if strict:
        raise MemristorError(f"{sentence}: mend that, name them in Hardware.exclude, or leave out strict=True.")
    warnings.warn(f"{sentence}; memristor_sim.mapping_report(model) lists all.", MemristorWarning, stacklevel=4)


def check_clipping(report: MappingReport, most: float) -> None:
    """Warn if more than this share of the conversions of a layer clipped."""
    worst = {name: max(rates) for name, rates in report.clip_rates.items() if max(rates) > most}
    if worst:
        name = max(worst, key=lambda one: worst[one])
        warnings.warn(
            f"{worst[name]:.0%} of the conversions of one kind clip at crossbar {name!r}, and more than {most:.0%} at "
            f"{len(worst)} crossbars: widen Adc.range_bits, or give Quantisation(adc=Percentile()).",
            MemristorWarning,
            stacklevel=3,
        )


def attach(model: nn.Module, report: MappingReport) -> None:
    """Keep the report with the model."""
    model._mapping_report = report  # type: ignore[assignment]


def mapping_report(model: nn.Module) -> MappingReport:
    """What of a model that `program` or `prepare` returned is on crossbars, and what is not.

    :raises MemristorError: it is another model.
    """
    report = vars(model).get("_mapping_report")
    if report is None:
        raise MemristorError("This model has no mapping report: give what program() or prepare() returned.")
    return report


def multiply_adds_of(name: str, counted: Mapping[str, float] | None) -> float | None:
    """What was counted of a layer, 0 if it was not called; None if nothing was counted."""
    return None if counted is None else counted.get(name, 0.0)
