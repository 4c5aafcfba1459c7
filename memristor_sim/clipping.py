"""How often converters clip, per layer, recorded on request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from memristor_sim.hardware import Adc, Dac


@dataclass
class ClipCounter:
    """Conversions, and those beyond the converter's range by half a step or more."""

    dac_conversions: int = 0
    dac_clipped: int = 0
    adc_conversions: int = 0
    adc_clipped: int = 0

    def count_dac(self, x: torch.Tensor, dac: Dac) -> None:
        self.dac_conversions += x.numel()
        self.dac_clipped += _outside(x * 2 ** (dac.bits - 1), dac)

    def count_adc(self, steps: torch.Tensor, adc: Adc) -> None:
        self.adc_conversions += steps.numel()
        self.adc_clipped += _outside(steps, adc)

    @property
    def dac_rate(self) -> float:
        return self.dac_clipped / max(1, self.dac_conversions)

    @property
    def adc_rate(self) -> float:
        return self.adc_clipped / max(1, self.adc_conversions)


def _outside(steps: torch.Tensor, converter: Dac | Adc) -> int:
    if not steps.numel():
        return 0
    low, high = torch.stack(torch.aminmax(steps)).round_().tolist()
    if converter.lowest <= low and high <= converter.highest:
        return 0  # the usual case, and a tenth of the time
    steps = steps.round()
    return int(((steps < converter.lowest) | (steps > converter.highest)).sum())


@contextmanager
def recorded_clipping(model: nn.Module) -> Iterator[dict[str, ClipCounter]]:
    """Within the context, forwards of `model` count; yields the counter of each crossbar by module name."""
    from memristor_sim.crossbar import Crossbar

    crossbars = {name: module for name, module in model.named_modules() if isinstance(module, Crossbar)}
    for crossbar in crossbars.values():
        crossbar.clipping = ClipCounter()
    try:
        yield {name: crossbar.clipping for name, crossbar in crossbars.items()}
    finally:
        for crossbar in crossbars.values():
            crossbar.clipping = None
