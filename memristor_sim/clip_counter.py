"""Counting how often the converters of one crossbar clip."""

from dataclasses import dataclass

import torch

from memristor_sim.components import Adc, Dac


@dataclass
class ClipCounter:
    """Numbers of conversions, and of those outside the converter's range by half a step or more."""

    dac_conversions: int = 0
    dac_clipped: int = 0
    adc_conversions: int = 0
    adc_clipped: int = 0

    def count_dac(self, x: torch.Tensor, dac: Dac) -> None:
        """Count inputs of any shape, 1 being full scale."""
        self.add_dac(x.numel(), _outside(x * 2 ** (dac.bits - 1), dac))

    def add_dac(self, conversions: int, clipped: int) -> None:
        """Count conversions that were counted elsewhere."""
        self.dac_conversions += conversions
        self.dac_clipped += clipped

    def count_adc(self, steps: torch.Tensor, adc: Adc) -> None:
        """Count currents of any shape, in ADC steps."""
        self.add_adc(steps.numel(), _outside(steps, adc))

    def add_adc(self, conversions: int, clipped: int) -> None:
        """As `add_dac`."""
        self.adc_conversions += conversions
        self.adc_clipped += clipped

    @property
    def dac_rate(self) -> float:
        """Share of clipped DAC conversions."""
        return self.dac_clipped / max(1, self.dac_conversions)

    @property
    def adc_rate(self) -> float:
        """Share of clipped ADC conversions."""
        return self.adc_clipped / max(1, self.adc_conversions)


def _outside(steps: torch.Tensor, converter: Dac | Adc) -> int:
    if not steps.numel():
        return 0
    low, high = torch.stack(torch.aminmax(steps)).round_().tolist()
    if converter.lowest <= low and high <= converter.highest:
        return 0  # the usual case, and a tenth of the time
    steps = steps.round()
    return int(((steps < converter.lowest) | (steps > converter.highest)).sum())
