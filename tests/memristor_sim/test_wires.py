"""Line resistance against Newton's method on the whole network of an array, and its read-out against every cell."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from memristor_sim import MemristorError, Wires, physical, prepare, program
from memristor_sim.cells.measured_levels import MeasuredLevels
from memristor_sim.cells.synaptogen import Synaptogen, state_law
from memristor_sim.components import Adc
from memristor_sim.hardware import Hardware
from memristor_sim.noise_draws import NormalStream
from memristor_sim.wires import LINEAR_V, transfer
from tests.memristor_sim.line_network import column_currents
from tests.memristor_sim.reference import currents, line_voltages

OHMS = st.sampled_from([0.0, 0.3, 5.0, 400.0])


@given(st.integers(1, 9), st.integers(1, 9), OHMS, OHMS, OHMS, st.sampled_from([torch.float32, torch.float64]))
@settings(max_examples=40, deadline=None)
def test_linear_cells_give_the_exact_solution_of_their_network(rows, columns, segment, driver, sense, dtype):
    wires = Wires(segment_ohm=segment, driver_ohm=driver, sense_ohm=sense)
    cells = np.random.default_rng(rows + 10 * columns).uniform(0, 3e-4, (2, rows, columns))
    found = transfer(torch.from_numpy(cells).to(dtype), wires).double().numpy()
    for one, conductance in zip(found, cells, strict=True):
        for row in range(rows):
            driven = np.eye(rows)[row]
            wanted = column_currents(lambda v: conductance * v, driven, (rows, columns), wires)  # noqa: B023
            np.testing.assert_allclose(one[row], wanted, rtol=1e-4, atol=1e-5 * cells.max())


def test_wires_without_resistance_take_nothing():
    cells = torch.rand(3, 20, 10) * 3e-4
    assert torch.equal(transfer(cells, Wires(segment_ohm=0.0)), cells)


@pytest.mark.parametrize("segment", [1e-6, 0.01])
def test_little_resistance_takes_little(segment):
    cells = torch.rand(1, 20, 10, dtype=torch.float64) * 3e-4
    lost = 1 - transfer(cells, Wires(segment_ohm=segment)) / cells
    assert 0 < float(lost.max()) < 0.2 * segment


def test_columns_of_real_cells_carry_what_their_network_gives():
    """At 1 ohm and 40 x 40, half of the cells set, inputs over the whole range: .15 if the wires are ignored."""
    random, size = np.random.default_rng(0), 40
    is_set = random.random((size, size)) < 0.5
    states = state_law.draw_states(Synaptogen().parameters, is_set, 0, np.random.SFC64(1)).astype(float)
    conductance = currents(states, LINEAR_V) / LINEAR_V
    share = transfer(torch.from_numpy(conductance)[None], Wires())[0].numpy() / conductance
    wanted, found, ignored = [], [], []
    for drivers_v in np.random.default_rng(5).uniform(-0.6, 0.6, (2, size)):
        wanted.append(column_currents(lambda v: currents(states, v), drivers_v, (size, size), Wires()))
        cells = currents(states, drivers_v[:, None])
        found.append((share * cells).sum(0))
        ignored.append(cells.sum(0))
    error = lambda given: np.sqrt(np.mean(np.square(np.subtract(given, wanted))) / np.mean(np.square(wanted)))
    assert error(found) < 0.03 and error(ignored) > 0.12


def wired(rows, columns, **changes):
    torch.manual_seed(0)
    hardware = Hardware(weight_bits=3, adc=Adc(precision_bits=18, range_bits=6), **changes)
    return program(nn.Linear(rows, columns, bias=False), hardware, 1, input_range=1.0).crossbar


def test_a_layer_of_ohmic_cells_gives_the_exact_currents_of_its_arrays():
    cells = MeasuredLevels(mean_us=(4.0, 150.0), std_us=(2.0, 5.0))
    wires = Wires(segment_ohm=10.0, driver_ohm=50.0, sense_ohm=20.0)
    crossbar = wired(12, 7, cell=cells, wires=wires, read_noise=None, tile_rows=8, tile_columns=4)
    x = torch.rand(1, 12, generator=torch.Generator().manual_seed(1)) * 2 - 1
    volts, wanted = line_voltages(x.numpy(), crossbar.dac)[0], np.zeros(7)
    for plane, weight in enumerate(crossbar.mapping.plane_weights):
        for rows in crossbar.mapping.row_slices():
            for columns in crossbar.mapping.column_slices():
                for sign, states in ((1, crossbar.r_plus), (-1, crossbar.r_minus)):
                    siemens = 150e-6 * states[plane, 0, rows, columns].double().numpy()
                    found = column_currents(lambda v: siemens * v, volts[rows], siemens.shape, wires)  # noqa: B023
                    wanted[columns] += sign * weight * found
    wanted *= cells.value_per_ampere(crossbar.dac.full_scale_v)
    np.testing.assert_allclose(crossbar(x)[0].numpy(), wanted, atol=3e-3 * np.abs(wanted).max())


def test_without_wires_products_and_draws_are_those_of_one_table():
    """Bit by bit: what existed before wires did must not move."""
    crossbar = wired(20, 6)
    assert (
        set(crossbar.state_dict()) == {"r_plus", "r_minus", "mapping_text"} and "wires" not in crossbar.mapping.text()
    )
    x = torch.rand(5, 20) * 2 - 1
    drive, offset, slope = crossbar.line_functions(crossbar.dac_levels(x, 1.0))
    minus, plus = crossbar.r_minus[:, 0].float(), crossbar.r_plus[:, 0].float()
    mean = torch.bmm(drive.expand(2, -1, -1), minus - plus)
    variance = torch.baddbmm(offset.sum(-1, keepdim=True)[None], slope.expand(2, -1, -1), minus + plus, alpha=-1)
    torch.manual_seed(3)
    mean += variance.clamp_(min=0).sqrt_() * NormalStream(x.device).draw((2, 1, 5, 6))[:, 0]
    digits = mean.round_().clamp_(crossbar.adc.lowest, crossbar.adc.highest)
    wanted = (digits[0] * 2 + digits[1]) * 2.0**-crossbar.adc.precision_bits
    torch.manual_seed(3)
    assert torch.equal(crossbar(x), wanted)


def test_the_effective_weight_has_what_the_wires_take():
    plain, lossy = (wired(60, 30, wires=wires, read_noise=None) for wires in (None, Wires(segment_ohm=3.0)))
    assert torch.equal(plain.r_plus, lossy.r_plus)
    x = torch.rand(3000, 60, generator=torch.Generator().manual_seed(2)) * 2 - 1
    fitted = torch.linalg.lstsq(torch.cat([x, torch.ones(len(x), 1)], 1), lossy(x)).solution[:-1]
    torch.testing.assert_close(fitted, lossy.effective_weight()[0], atol=0.03, rtol=0.02)
    assert float(lossy.effective_weight().norm() / plain.effective_weight().norm()) < 0.9


def test_a_state_belongs_to_its_wires():
    layers = {wires: nn.Sequential(nn.Linear(8, 4)) for wires in (None, Wires(), Wires(segment_ohm=2.0))}
    state = program(layers[Wires()], physical(wires=Wires()), 1, input_range=1.0).state_dict()
    copy = prepare(nn.Sequential(nn.Linear(8, 4)), physical(wires=Wires()))
    copy.load_state_dict(state)
    x = torch.rand(3, 8)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        wanted = layers[Wires()](x)
        torch.manual_seed(1)
        assert torch.equal(copy(x), wanted)
    for wires in (None, Wires(segment_ohm=2.0)):
        with pytest.raises(MemristorError, match="programmed with another mapping"):
            prepare(nn.Sequential(nn.Linear(8, 4)), physical(wires=wires)).load_state_dict(state)


@pytest.mark.parametrize("name", ["segment_ohm", "driver_ohm", "sense_ohm"])
def test_resistances_are_checked(name):
    with pytest.raises(MemristorError, match=f"Wires.{name} is -1"):
        Wires(**{name: -1.0})
