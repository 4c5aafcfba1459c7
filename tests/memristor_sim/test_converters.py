import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.components import PHYSICAL_NOISE, Adc, Dac
from memristor_sim.converters import digitise_, line_tables, to_levels_
from tests.memristor_sim.reference import digitised, line_voltages


@given(st.lists(st.floats(-3, 3, width=32), min_size=1, max_size=20), st.integers(1, 12), st.booleans())
def test_dac_levels(values, bits, symmetric):
    dac = Dac(bits=bits, symmetric=symmetric)
    levels = to_levels_(torch.tensor(values), dac)
    assert levels.min() >= 0 and levels.max() < 2**bits + symmetric
    voltage_v = (levels.numpy() + dac.lowest) * 0.6 / 2 ** (bits - 1)
    np.testing.assert_allclose(voltage_v, line_voltages(values, dac), atol=1e-12)


@given(
    st.lists(st.floats(-40, 40, width=32), min_size=1, max_size=20),
    st.integers(0, 6),
    st.integers(1, 6),
    st.booleans(),
)
def test_adc_levels(values, precision, reach, symmetric):
    adc = Adc(precision_bits=precision, range_bits=reach, symmetric=symmetric)
    steps = digitise_(torch.tensor(values) * 2.0**precision, adc) * 2.0**-precision
    np.testing.assert_allclose(steps.numpy(), digitised(np.array(values), adc))


def test_tables_have_an_entry_per_level_and_no_drive_at_zero():
    for dac in (Dac(), Dac(symmetric=False)):
        drive, offset, slope = line_tables(Synaptogen(), dac, PHYSICAL_NOISE, 8020.0)
        assert len(drive) == len(offset) == len(slope) == 256 + dac.symmetric
        assert drive[-dac.lowest] == 0 and offset[-dac.lowest] > 0  # thermal noise stays
        assert np.all(np.diff(drive) > 0) and np.all(offset > 0) and np.all(slope > 0)
