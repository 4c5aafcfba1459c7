import numpy as np
import pytest
import torch
from synaptogen import synaptogen

from memristor_sim.cells.cell import CurrentLaw
from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.components import PHYSICAL_NOISE
from memristor_sim.errors import MemristorError
from memristor_sim.iv import cell_current, noise_per_ampere, read_current

PARAMETERS = Synaptogen().parameters


def test_currents_are_those_of_the_package():
    voltage_v = np.linspace(-1.5, 1.5, 61)
    parameters = synaptogen.default_params
    for state in (0.0, 0.16, 0.84, 1.0):
        wanted = synaptogen.Imix(state, voltage_v, parameters.HHRS, parameters.LLRS)
        np.testing.assert_allclose(cell_current(PARAMETERS, state, voltage_v), wanted, rtol=1e-5, atol=1e-12)


def test_noise_is_that_of_a_read_in_the_package(monkeypatch):
    """Oracle: its reads of one cell, many times."""
    generator = np.random.default_rng(0)
    monkeypatch.setattr(synaptogen, "randn", lambda *a, **k: generator.standard_normal(*a, dtype=np.float32, **k))
    cells = synaptogen.CellArrayCPU(50_000)
    cells.r[:] = 0.159
    for voltage_v in (0.6, 0.06, -0.3):
        reads = synaptogen.Iread(cells, np.full(50_000, voltage_v)).astype(np.float64)
        current = cell_current(PARAMETERS, 0.159, voltage_v)
        wanted = abs(current) * noise_per_ampere(np.array(voltage_v), PHYSICAL_NOISE)
        assert reads.mean() == pytest.approx(current, rel=1e-4)
        assert reads.var() == pytest.approx(float(wanted), rel=0.03)


@pytest.mark.parametrize("voltage_v", [0.7, -0.61, float("nan"), torch.tensor([0.1, 0.9])])
def test_reads_beyond_the_range_are_refused(voltage_v):
    with pytest.raises(MemristorError, match="beyond the read range of 0.6 V"):
        read_current(PARAMETERS, torch.tensor(0.5), voltage_v)


def test_a_law_without_fields_can_be_the_key_of_a_table():
    class Ohmic(CurrentLaw):
        def extreme_currents(self, voltage_v):
            return 1e-4 * voltage_v, 1e-5 * voltage_v

    law, other = Ohmic(), Ohmic()
    assert {law: 1, other: 2}[law] == 1
