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
from memristor_sim.quantisation import RangeRule

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
    with on_trial(model):
        if rules.adc is not None:
            _fit_ranges(model, rules.adc, rules.adc_range_of, few)
        with recorded_clipping(model) as counters:
            run(unwrapped(model), few)
    modules = dict(model.named_modules())
    return {str(modules[path].name): (one.dac_rate, one.adc_rate) for path, one in counters.items()}


@torch.no_grad()
def fit_adc_ranges(model: nn.Module, inputs: Calibration, rule: RangeRule, shared_by: str = "tile") -> None:
    """Set the ADC ranges of a programmed model from the currents that these inputs give on the device.

    The state_dict has them from then on. Read noise comes from torch's generator, which is left as it was.

    :param rule: what is put on the outermost level; the number of levels stays.
    :param shared_by: what has one range: `layer`, `plane`, or `tile` (of each plane).
    """
    with on_trial(model):
        _fit_ranges(model, rule, shared_by, inputs)


def expect_adc_ranges(model: nn.Module) -> None:
    """Give a prepared model the ADC ranges of a calibrated device to load; those of the hardware until then."""
    for one in model.modules():
        if isinstance(one, Crossbar):
            one.adc_gain = one.unit_gain()


def _fit_ranges(model: nn.Module, rule: RangeRule, shared_by: str, inputs: Calibration) -> None:
    crossbars = [one for one in model.modules() if isinstance(one, Crossbar)]
    for one in crossbars:
        one.samples = AdcSamples(one.mapping)
    run(unwrapped(model), inputs)
    for one in crossbars:
        if one.samples is not None:
            gain = one.unit_gain()
            gain.copy_(one.samples.gains(rule, one.adc, shared_by))
            one.adc_gain = gain
        one.samples = None


@contextmanager
def on_trial(model: nn.Module) -> Iterator[None]:
    """Within the context, the model is in evaluation mode; torch's generator is left as it was."""
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
