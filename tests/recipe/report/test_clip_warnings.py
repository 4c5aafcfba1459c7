"""Whoever starts a graph is told of a device whose ADCs clip, once, and of no other."""

import os

import pytest
from sisyphus import tk

from memristor_sim.hardware import physical
from recipe.hardware.spec import ModelSpec
from recipe.report import clip_warnings
from recipe.report.clip_warnings import register_clip_warnings, warn_of_clipping
from recipe.report.inputs import HardwareRun
from recipe.systems import Memristor
from setups.tiny import tiny


@pytest.fixture
def told(tmp_path, capsys):
    """What is said of a device with these ADC clip rates by layer."""

    def said(**adc_rates: float) -> str:
        lines = ["layer,dac_rate,adc_rate", *(f"{name},0.9,{rate}" for name, rate in adc_rates.items())]
        (tmp_path / "clip_rates.csv").write_text("\n".join(lines) + "\n")
        warn_of_clipping("memristor-3/physical/device-1", 0.05, tk.Path(str(tmp_path / "clip_rates.csv")))
        return capsys.readouterr().out

    return said


def test_the_worst_layer_is_named_with_a_mend(told):
    assert told(first=0.01, second=0.3125, third=0.06) == (
        "memristor-3/physical/device-1: 31% of the ADC conversions of second and over 5% of 1 more clip; give the "
        "device calibration=AdcRanges(), or its hardware a wider Adc.range_bits\n"
    )
    assert "of second clip; give" in told(first=0.05, second=0.0501)


def test_nothing_is_said_where_few_conversions_clip(told):
    assert told(first=0.05, second=0.0) == ""


def test_the_first_device_of_each_row_is_looked_at(monkeypatch):
    registered = []
    monkeypatch.setattr(clip_warnings.tk, "register_callback", lambda *arguments: registered.append(arguments))
    systems = [Memristor(bits, seed, physical()) for bits in (4, 3) for seed in (2, 1)]
    register_clip_warnings(run_of(system) for system in systems)
    assert [(function, name, most, os.path.basename(path.get_path())) for function, name, most, path in registered] == [
        (warn_of_clipping, f"memristor-{bits}/physical/device-2", 0.05, f"{bits}.2.csv") for bits in (4, 3)
    ]


def run_of(system: Memristor) -> HardwareRun:
    model, rates = tk.Path("model.pt"), tk.Path(f"{system.weight_bits}.{system.device_seed}.csv")
    spec = ModelSpec(model=tiny().model, quantization=system.quantization(tiny()), hardware=system.hardware)
    return HardwareRun(system=system, spec=spec, digital=model, programmed=model, clip_rates=rates)
