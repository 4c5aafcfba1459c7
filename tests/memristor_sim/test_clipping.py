import pytest
import torch
from torch import nn

from memristor_sim import program
from memristor_sim.clipping import recorded_clipping
from memristor_sim.hardware import Adc, Cycles, Hardware


def all_ones(adc):
    layer = nn.Linear(64, 4, bias=False)
    nn.init.ones_(layer.weight)
    hardware = Hardware(weight_bits=2, tile_rows=32, read_noise=None, conditioning=Cycles(), adc=adc)
    return program(nn.Sequential(layer), hardware, 0, input_range=1.0)


def test_rates_count_what_is_beyond_the_range():
    model = all_ones(Adc(precision_bits=4, range_bits=4))  # +-8; each tile sums 32 set cells
    x = torch.zeros(10, 64)
    x[:5] = 0.9  # 28.8 per tile: clipped
    x[5:7, :32] = 0.1  # 3.2 and 0: not clipped
    x[7, 0] = 1.1  # beyond the DAC
    with recorded_clipping(model) as counters:
        model(x)
    (counter,) = counters.values()
    assert list(counters) == ["0.crossbar"]
    assert counter.adc_conversions == 10 * 2 * 4 and counter.adc_rate == pytest.approx(0.5)
    assert counter.dac_conversions == 640 and counter.dac_clipped == 1


def test_nothing_is_recorded_outside_of_the_context():
    model = all_ones(Adc())
    with recorded_clipping(model) as counters:
        pass
    model(torch.ones(3, 64))
    assert next(iter(counters.values())).adc_conversions == 0
