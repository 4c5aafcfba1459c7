import numpy as np
import pytest
import torch
from torch import nn

from memristor_sim import IdealSynaptogen, MemristorError, Verify, Wires, physical, program
from memristor_sim.components import Adc
from memristor_sim.hardware import ReadNoise


def test_states_are_exact_and_products_those_of_the_curves():
    torch.manual_seed(0)
    hardware = physical(
        cell=IdealSynaptogen(), weight_bits=3, read_noise=None, adc=Adc(precision_bits=16, range_bits=8)
    )
    built = program(nn.Linear(1, 1, bias=False), hardware, 1, input_range=1.0)
    crossbar = built.crossbar
    assert {*crossbar.r_plus.unique().tolist(), *crossbar.r_minus.unique().tolist()} == {0.0, 1.0}
    x = torch.tensor([[1.0], [0.5], [-1.0]])
    low, high = IdealSynaptogen().extreme_currents(0.6 * x.double().numpy())
    sign = float(torch.sign(built.weight.flatten()))
    np.testing.assert_allclose(crossbar(x).numpy(), sign * 3 * 5476 * (low - high), rtol=1e-4)
    assert float(crossbar(x)[0] * sign) == pytest.approx(3.03, abs=0.01)


def test_read_noise_is_that_of_the_magnitude_of_the_current():
    noise = ReadNoise(bandwidth_hz=1e12)
    hardware = physical(
        cell=IdealSynaptogen(), weight_bits=2, read_noise=noise, adc=Adc(precision_bits=16, range_bits=8)
    )
    torch.manual_seed(0)
    crossbar = program(nn.Linear(1, 1, bias=False), hardware, 1, input_range=1.0).crossbar
    drawn = crossbar(torch.ones(20_000, 1)).double()
    low, high = IdealSynaptogen().extreme_currents(0.6)
    assert high < 0  # no real cell gets there
    variance = (4 * 1.380649e-23 * 300 / 0.6 + 2 * noise.charge_c) * 1e12 * (low + abs(high))
    assert float(drawn.var()) == pytest.approx(5476**2 * variance, rel=0.05)


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"verify": Verify()}, "written without error"), ({"wires": Wires()}, "Hardware.wires needs")],
)
def test_what_ideal_cells_have_not_is_refused(changes, named):
    with pytest.raises(MemristorError, match=named):
        physical(cell=IdealSynaptogen(), **changes)
