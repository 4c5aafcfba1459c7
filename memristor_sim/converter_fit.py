"""ADC ranges that fit what a device gives for calibration inputs, and how often its converters clip."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import torch
from torch import nn

from memristor_sim.adc_samples import AdcSamples
from memristor_sim.calibration import Calibration, run
from memristor_sim.clipping import recorded_clipping
from memristor_sim.crossbar import Crossbar
from memristor_sim.fast_paths import without_fast_paths
from memristor_sim.hardware import Hardware
from memristor_sim.naming import unwrapped

_CALLS = 4
"""Calibration inputs that run on the device."""


@torch.no_grad()
def fit_converters(model: nn.Module, hardware: Hardware, calibration: Calibration) -> dict[str, tuple[float, float]]:
    """Set the ADC ranges of a programmed model, if the hardware has them calibrated.

    The first calibration inputs run on the device, in evaluation mode; torch's generator is left as it was.

    :return: shares of clipped DAC and ADC conversions by crossbar.
    """
    few = calibration if callable(calibration) else list(islice(calibration, _CALLS))
    rules = hardware.quantisation
    crossbars = {one.name: one for one in model.modules() if isinstance(one, Crossbar)}
    with _on_trial(model):
        if rules.adc is not None:
            for one in crossbars.values():
                one.samples = AdcSamples(one.mapping)
            run(unwrapped(model), few)
            for one in crossbars.values():
                if one.samples is not None and one.adc_gain is not None:
                    gains = one.samples.gains(rules.adc, one.adc, rules.adc_range_of)
                    one.adc_gain.copy_(gains)
                one.samples = None
        with recorded_clipping(model) as counters:
            run(unwrapped(model), few)
    modules = dict(model.named_modules())
    return {str(modules[path].name): (one.dac_rate, one.adc_rate) for path, one in counters.items()}


@contextmanager
def _on_trial(model: nn.Module) -> Iterator[None]:
    modes = {module: module.training for module in model.modules()}
    try:
        with torch.random.fork_rng(), without_fast_paths():
            model.eval()
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        for module in modes:
            if isinstance(module, Crossbar):
                module.samples = None
