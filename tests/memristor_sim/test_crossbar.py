"""The fast read-out against every cell of every frame."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from memristor_sim import program
from memristor_sim.cells.measured_levels import MeasuredLevels
from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import PAPER_NOISE, PHYSICAL_NOISE, Adc, Dac, Hardware, Wires, physical
from memristor_sim.linear_crossbar import _Block
from memristor_sim.noise_draws import NormalStream
from tests.memristor_sim.reference import line_voltages, matrix_product, pair_sums, shares_of, value_per_ampere

TWO = MeasuredLevels(mean_us=(4.0, 90.0), std_us=(2.0, 5.0))
FOUR = MeasuredLevels(mean_us=(10.0, 30.0, 55.0, 80.0), std_us=(2.0, 3.0, 4.0, 5.0), spread="normal")
CELLS = [(2, Synaptogen()), (4, Synaptogen()), (2, TWO), (4, FOUR)]
FINE = Adc(precision_bits=18, range_bits=6)


def crossbar_of(rows, columns, hardware, seed=0):
    torch.manual_seed(seed)
    return program(nn.Linear(rows, columns, bias=False), hardware, seed, input_range=1.0).crossbar


def captured(crossbar, x):
    """Mean and variance of every tile row before conversion, as lists of [P, vectors, O], in ampere."""
    means, variances = [], []

    def capture(out, currents, normals, place, compiled):
        mean, variance = currents
        means.append(mean.flatten(1, 2).double().numpy() / crossbar.steps_per_ampere)
        variances.append(variance.flatten(1, 2).double().numpy() / crossbar.steps_per_ampere**2)

    crossbar.accumulate_ = capture
    crossbar(x)
    return means, variances


def assert_product(result, x, crossbar):
    """Equal, but that a current within rounding of half an ADC step may fall to either side."""
    lower, upper = (matrix_product(x.numpy(), crossbar, slack=slack) for slack in (-1e-4, 1e-4))
    assert np.all(lower - 1e-3 <= result.numpy()) and np.all(result.numpy() <= upper + 1e-3)


@st.composite
def cases(draw):
    levels, cell = draw(st.sampled_from(CELLS))
    hardware = Hardware(
        weight_bits=draw(st.integers(2, 8)),
        levels=levels,
        cell=cell,
        tile_rows=draw(st.integers(1, 40)),
        tile_columns=draw(st.integers(1, 40)),
        read_noise=draw(st.sampled_from([PHYSICAL_NOISE, PAPER_NOISE])),
        dac=Dac(bits=draw(st.integers(1, 10)), symmetric=draw(st.booleans())),
        adc=FINE,
        wires=draw(st.sampled_from([None, Wires(segment_ohm=30.0, driver_ohm=100.0, sense_ohm=50.0)])),
    )
    batch = draw(st.sampled_from([(), (1,), (5,), (2, 3), (2, 1, 2)]))
    dtype = draw(st.sampled_from([torch.float32, torch.bfloat16]))
    return hardware, batch, dtype, draw(st.integers(1, 60)), draw(st.integers(1, 12)), draw(st.integers(0, 1000))


@given(cases())
@settings(max_examples=40, deadline=None)
def test_mean_and_variance_are_those_of_all_cells(case):
    hardware, batch, dtype, rows, columns, seed = case
    crossbar = crossbar_of(rows, columns, hardware, seed)
    x = (torch.randn(*batch, rows, generator=torch.Generator().manual_seed(seed)) * 0.6).to(dtype)
    means, variances = captured(crossbar, x)
    inputs = x.float().reshape(-1, rows).numpy()
    tiles = [slice(start, start + hardware.tile_rows) for start in range(0, rows, hardware.tile_rows)]
    assert len(means) == len(variances) == len(tiles)
    for mean, variance, tile in zip(means, variances, tiles, strict=True):
        for plane in range(crossbar.mapping.planes):
            plus, minus = (states[plane, 0, tile].double().numpy() for states in (crossbar.r_plus, crossbar.r_minus))
            wanted_mean, wanted_variance = pair_sums(
                inputs[:, tile],
                plus,
                minus,
                hardware.dac,
                hardware.read_noise,
                hardware.cell,
                shares_of(crossbar, plane, 0, tile),
            )
            voltage_v = line_voltages(inputs[:, tile], hardware.dac)
            size = np.abs(voltage_v).sum(1, keepdims=True) * 3e-4 + 1e-12  # ampere that flow in a column
            assert np.all(np.abs(mean[plane] - wanted_mean) <= 1e-5 * size)
            np.testing.assert_allclose(variance[plane], wanted_variance, rtol=0.02)


@given(cases())
@settings(max_examples=15, deadline=None)
def test_output_is_the_digital_sum_of_converted_tiles(case):
    hardware, batch, dtype, rows, columns, seed = case
    hardware = dataclasses.replace(hardware, read_noise=None, adc=Adc())
    crossbar = crossbar_of(rows, columns, hardware, seed)
    x = torch.randn(*batch, rows, generator=torch.Generator().manual_seed(seed)).to(dtype)
    result = crossbar(x)
    assert result.shape == (*batch, columns)
    assert_product(result.reshape(-1, columns), x.float().reshape(-1, rows), crossbar)


def test_large_layers_are_computed_in_blocks():
    """More vectors and columns than a block holds, several tiles, a ragged edge each."""
    hardware = Hardware(weight_bits=4, read_noise=None, tile_rows=50)
    crossbar = crossbar_of(130, 300, hardware)
    x = torch.rand(700, 130) * 2 - 1
    assert_product(crossbar(x), x, crossbar)


@pytest.mark.parametrize("noise", [PHYSICAL_NOISE, PAPER_NOISE])
@pytest.mark.parametrize("cell", [Synaptogen(), TWO])
def test_drawn_noise_has_the_variance_of_all_cells(noise, cell):
    hardware = Hardware(weight_bits=3, read_noise=noise, tile_rows=32, adc=FINE, cell=cell)
    crossbar = crossbar_of(40, 6, hardware)
    x = (torch.randn(1, 40) * 0.4).clamp(-1, 1)
    results = crossbar(x[None].expand(1, 20_000, 40))[0].double().numpy()
    wanted = np.zeros(6)
    for plane, weight in enumerate(crossbar.mapping.plane_weights):
        for tile in (slice(0, 32), slice(32, 40)):
            plus, minus = (states[plane, 0, tile].double().numpy() for states in (crossbar.r_plus, crossbar.r_minus))
            variance = pair_sums(x[:, tile].numpy(), plus, minus, hardware.dac, noise, cell)[1][0]
            wanted += (value_per_ampere(cell, hardware.dac) * weight) ** 2 * variance
    np.testing.assert_allclose(results.var(0), wanted, rtol=0.05)
    assert results.var(0).sum() == pytest.approx(wanted.sum(), rel=0.02)
    neighbours = np.corrcoef(results[:-1, 0], results[1:, 0])[0, 1]
    assert abs(neighbours) < 0.03 and abs(np.corrcoef(results[:, 0], results[:, 1])[0, 1]) < 0.03


def test_physical_noise_is_independent_over_the_batch_and_published_noise_is_shared():
    for noise, shared in ((PHYSICAL_NOISE, False), (PAPER_NOISE, True)):
        crossbar = crossbar_of(40, 6, Hardware(read_noise=noise, adc=FINE))
        x = torch.rand(1, 9, 40).expand(2, 9, 40)
        first, second = crossbar(x)
        assert bool((first - second).abs().max() < 1e-3) == shared


def test_published_noise_is_forty_times_too_strong():
    """Read noise of a set cell at 0.6 V: 6.9e-8 A physically, 2.73e-6 A as published (docs/deviations.md)."""
    state = np.full((1, 1), 0.159)
    deviations = []
    for noise in (PHYSICAL_NOISE, PAPER_NOISE):
        _, both = pair_sums(np.ones((1, 1)), state, state, Dac(), noise)
        deviations.append(float(np.sqrt(both[0, 0] / 2)))
    assert deviations[0] == pytest.approx(6.9e-8, rel=0.01) and deviations[1] == pytest.approx(2.73e-6, rel=0.01)
    assert deviations[1] / deviations[0] == pytest.approx(39.5, rel=0.01)


def test_same_torch_seed_same_noise():
    crossbar = crossbar_of(40, 6, physical())
    x = torch.rand(3, 9, 40)
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(crossbar(x))
    assert torch.equal(results[0], results[1]) and not torch.equal(results[0], results[2])


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_inputs_that_are_not_finite_are_named(value):
    model = program(nn.Sequential(nn.Linear(4, 3)), physical(), 0, input_range=1.0)
    x = torch.zeros(2, 5, 4)
    x[1, 2, 3] = value
    with pytest.raises(MemristorError, match=rf"'0' is {value} at index \(1, 2, 3\): feed finite numbers"):
        model(x)


def test_no_vectors_no_output():
    assert crossbar_of(4, 3, physical())(torch.zeros(2, 0, 4)).shape == (2, 0, 3)


def test_current_and_voltage_share_their_sign():
    """What the variance formula rests on, for every state that a positive resistance can give."""
    parameters = Synaptogen().parameters
    voltage_v = np.concatenate([np.linspace(-0.6, -0.001, 200), np.linspace(0.001, 0.6, 200)])
    highest = float(parameters.state(1e6))
    for state in np.linspace(-0.2, highest, 50):
        current = (1 - state) * np.polyval(parameters.low_iv, voltage_v) + state * np.polyval(
            parameters.high_iv, voltage_v
        )
        assert np.all(current * voltage_v > 0)


@pytest.mark.parametrize("noise", [PHYSICAL_NOISE, PAPER_NOISE])
def test_every_digit_plane_has_noise_of_its_own(noise):
    crossbar = crossbar_of(8, 3, Hardware(weight_bits=4, read_noise=noise))
    mean = torch.zeros(crossbar.mapping.planes, 2, 500, 3)
    assert len(mean) == 3
    torch.manual_seed(0)
    crossbar.add_noise_(mean, torch.ones_like(mean), NormalStream(mean.device))
    between_planes = np.corrcoef(mean[:, 0].flatten(1).numpy())
    assert np.abs(between_planes - np.eye(3)).max() < 4 / np.sqrt(1500)
    assert mean.std().item() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    "shape, planes, block",
    [
        ((1, 10, 30), 3, (3, 10, 30)),  # all at once: 900 values of 2 ** 16
        ((1, 1600, 250), 2, (1, 400, 250)),  # a quarter of the output
        ((4, 1600, 1000), 2, (1, 256, 256)),  # 2 ** 18 values at most, and 256 columns
        ((1, 2000, 100), 2, (1, 655, 100)),  # 2 ** 16 values at least
        ((1, 100, 256), 9, (2, 100, 256)),
    ],
)
def test_blocks_are_pinned_as_they_decide_the_order_of_noise_draws(shape, planes, block):
    """Another size gives other noise from the same seed, and so other error rates of the same device."""
    found = _Block.of(torch.empty(shape), planes)
    assert (found.planes, found.vectors, found.columns) == block
