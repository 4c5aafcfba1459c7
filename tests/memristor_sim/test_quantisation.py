"""Scales, ranges and gains that fit weights, inputs and currents, against plain NumPy and against exact layers."""

import copy
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from memristor_sim import (
    Largest,
    LeastSquares,
    MemristorError,
    MemristorWarning,
    MovingAverage,
    Percentile,
    Quantisation,
    Sigma,
    mapping_report,
    physical,
    prepare,
    program,
)
from memristor_sim.ranges import Magnitudes, fitted_range
from memristor_sim.weights import min_max_quantised, quantised
from tests.memristor_sim.reference import pair_sums, value_per_ampere

QUIET = physical(read_noise=None)
RULES = [Largest(), Percentile(percent=90), Sigma(factor=2), LeastSquares(candidates=30)]


def plain_range(values, rule, levels):
    magnitude = np.abs(values)
    if rule == Largest():
        return magnitude.max()
    if isinstance(rule, Percentile):
        return np.sort(magnitude)[round(rule.percent / 100 * len(magnitude)) - 1]
    if isinstance(rule, Sigma):
        return min(magnitude.max(), rule.factor * np.sqrt((magnitude**2).mean()))
    candidates = magnitude.max() * np.arange(1, rule.candidates + 1) / rule.candidates
    errors = [((np.clip(np.round(magnitude * levels / c), 0, levels) * c / levels - magnitude) ** 2).mean()
              for c in candidates]  # fmt: skip
    return candidates[int(np.argmin(errors))]


@pytest.mark.parametrize("rule", RULES, ids=str)
@given(seed=st.integers(0, 1000), levels=st.sampled_from([1, 7, 127]))
@settings(max_examples=15, deadline=None)
def test_ranges_are_those_of_a_plain_computation(rule, seed, levels):
    values = np.random.default_rng(seed).standard_t(3, size=200)
    found = float(fitted_range(torch.from_numpy(values), rule, levels))
    assert found == pytest.approx(plain_range(values, rule, levels))
    several = fitted_range(torch.from_numpy(np.stack([values, 2 * values, 0 * values])), rule, levels)
    assert several.tolist() == pytest.approx([found, 2 * found, 0.0])


def test_samples_of_calls_give_the_range_of_all_of_them():
    calls = [torch.randn(50, generator=torch.Generator().manual_seed(seed)) * (seed + 1) for seed in range(4)]
    seen = Magnitudes()
    for call in calls:
        seen.see(call)
    whole = torch.cat(calls).double().numpy()
    for rule in RULES:
        assert seen.range(rule, 128) == pytest.approx(plain_range(whole, rule, 128), rel=1e-5)
    largest = [float(call.abs().max()) for call in calls]
    average = largest[0]
    for one in largest[1:]:
        average = 0.75 * average + 0.25 * one
    assert seen.range(MovingAverage(momentum=0.25), 128) == pytest.approx(average)


def test_weights_in_columns_of_their_own_scales():
    matrix = torch.randn(2, 30, 5, generator=torch.Generator().manual_seed(0)) * torch.tensor([1, 10, 0.1, 0, 3])
    for rule in RULES:
        found = quantised("", matrix, 6, Quantisation(per_column=True, weights=rule))
        for group, column in itertools.product(range(2), range(5)):
            values = matrix[group, :, column].double().numpy()
            scale = plain_range(values, rule, 31) / 31
            assert float(found.scale[group, column]) == pytest.approx(scale)
            wanted = np.clip(np.round(values / (scale or 1)), -31, 31)
            np.testing.assert_array_equal(found.integers[group, :, column], wanted)
    assert np.array_equal(quantised("", matrix, 6, Quantisation()).integers, min_max_quantised("", matrix, 6).integers)


def relative_error(built, layer, x):
    wanted, found = layer(x).detach(), built(x).detach()
    return float((found - wanted).norm() / wanted.norm())


LAYERS = {
    "linear": (nn.Linear(40, 30), (50, 40)),
    "conv": (nn.Conv1d(12, 8, 3, groups=2), (4, 12, 30)),
    "transposed": (nn.ConvTranspose1d(12, 8, 3, groups=2), (4, 12, 30)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_scales_of_columns_save_columns_of_small_weights(name, tmp_path):
    torch.manual_seed(0)
    layer, shape = copy.deepcopy(LAYERS[name][0]), LAYERS[name][1]
    outputs = layer.weight if name != "transposed" else layer.weight.transpose(0, 1)
    outputs.data[::2] *= 0.01
    layer.bias.data[:] = 0
    x = torch.randn(shape)
    small = lambda model, x: model(x).unflatten(1, (-1, 2))[:, :, 0]  # every other output
    errors = {}
    for per_column in (False, True):
        hardware = physical(read_noise=None, weight_bits=6, quantisation=Quantisation(per_column=per_column))
        built = program(copy.deepcopy(layer), hardware, 0, calibration=[x])
        wanted, found = small(layer, x).detach(), small(built, x)
        errors[per_column] = float((found - wanted).norm() / wanted.norm())
        near = float((built.weight - layer.weight).norm() / layer.weight.norm())
        assert near < 0.15
    assert errors[True] < 0.2 < errors[False]
    loaded = prepare(copy.deepcopy(layer), hardware)
    torch.save(built.state_dict(), tmp_path / "device.pt")
    loaded.load_state_dict(torch.load(tmp_path / "device.pt", weights_only=True))
    assert torch.equal(loaded(x), built(x))


def test_clipping_outliers_of_weights_saves_the_rest():
    torch.manual_seed(0)
    layer, x = nn.Linear(200, 50), torch.randn(50, 200)
    layer.weight.data[0, 0] = 40 * layer.weight.data.abs().max()
    errors = []
    for rule in (Largest(), Percentile(percent=99.9), LeastSquares(candidates=80)):
        hardware = physical(read_noise=None, quantisation=Quantisation(weights=rule))
        built = program(copy.deepcopy(layer), hardware, 0, calibration=[x])
        wanted, found = layer(x).detach()[:, 1:], built(x)[:, 1:]
        errors.append(float((found - wanted).norm() / wanted.norm()))
    assert errors[1] < 0.5 * errors[0]


@pytest.mark.parametrize("changes", [{}, {"quantisation": Quantisation(per_column=True)}], ids=str)
@pytest.mark.parametrize("read_noise", [True, False])
def test_a_layer_of_zeros_computes_nothing(changes, read_noise):
    layer, x = nn.Linear(100, 20), torch.randn(30, 100)
    layer.weight.data[:] = 0
    built = program(copy.deepcopy(layer), physical(**changes, **({} if read_noise else {"read_noise": None})), 0,
                    calibration=[x])  # fmt: skip
    assert torch.equal(built(x), layer(x).detach()) and not bool(built.weight.any())


def test_input_ranges_follow_the_rule():
    x = torch.cat([torch.randn(10_000, generator=torch.Generator().manual_seed(0)), torch.tensor([100.0])]).view(-1, 1)
    ranges = []
    for rule in (Largest(), Percentile(percent=99.0), Sigma(factor=3.0), LeastSquares(candidates=400)):
        hardware = physical(quantisation=Quantisation(inputs=rule, clip_warning=1.0))
        ranges.append(float(program(nn.Linear(1, 3), hardware, 0, calibration=[x]).scale[1]))
    assert ranges[0] == 100 and ranges[1] == pytest.approx(2.576, abs=0.1)
    assert ranges[2] == pytest.approx(3 * (1 + 1) ** 0.5, rel=0.05) and 3 < ranges[3] <= 100
    moving = physical(quantisation=Quantisation(inputs=MovingAverage(momentum=0.5)))
    calls = [torch.full((1, 1), value) for value in (1.0, 3.0, 8.0)]
    assert float(program(nn.Linear(1, 3), moving, 0, calibration=calls).scale[1]) == 5.0


def test_gains_put_the_largest_current_of_each_tile_on_the_outermost_level():
    """Oracle: every cell of every input, plane and tile."""
    torch.manual_seed(0)
    layer, x = nn.Linear(30, 25), torch.randn(40, 30)
    sizes = {"tile_rows": 20, "tile_columns": 10}
    hardware = physical(read_noise=None, quantisation=Quantisation(adc=Largest()), **sizes)
    built = program(copy.deepcopy(layer), hardware, 0, calibration=[x])
    crossbar, full_scale = built.crossbar, float(built.scale[1])
    factor = value_per_ampere(crossbar.cell, crossbar.dac)
    currents = np.zeros((7, 2, 40, 25))
    for plane, (tile, rows) in itertools.product(range(7), enumerate((slice(0, 20), slice(20, 30)))):
        plus, minus = (one[plane, 0, rows].double().numpy() for one in (crossbar.r_plus, crossbar.r_minus))
        currents[plane, tile], _ = pair_sums((x / full_scale).numpy()[:, rows], plus, minus, crossbar.dac, None)
    steps = np.abs(currents * factor * 16)
    wanted = np.stack([128 / steps[..., some].max((2, 3)) for some in (slice(0, 10), slice(10, 20), slice(20, 25))], -1)
    np.testing.assert_allclose(crossbar.adc_gain.numpy(), wanted, rtol=1e-4)
    # the read-out with these gains
    gains = np.repeat(wanted, 10, axis=-1)[..., :25][:, :, None]
    digital = np.clip(np.round(currents * factor * 16 * gains), -128, 128) / gains / 16
    total = np.tensordot(2.0 ** np.arange(6, -1, -1), digital.sum(1), 1) * float(built.scale[0]) * full_scale
    found = (built(x) - built.bias).numpy()
    assert (np.abs(found - total) > 1e-3 * np.abs(total).max()).mean() < 0.01
    pools = {"plane": (1, 2), "layer": (0, 1, 2)}
    for shared_by, axes in pools.items():
        rules = Quantisation(adc=Largest(), adc_range_of=shared_by)
        same = program(copy.deepcopy(layer), physical(read_noise=None, quantisation=rules, **sizes), 0, calibration=[x])
        least = wanted.min(axes, keepdims=True)
        np.testing.assert_allclose(same.crossbar.adc_gain.numpy(), np.broadcast_to(least, wanted.shape), rtol=1e-4)


@pytest.mark.parametrize("levels", [2, 4, 16, 256])
@pytest.mark.parametrize("name", ["linear", "conv"])
def test_calibrated_adc_ranges_follow_the_levels_of_the_cells(levels, name):
    torch.manual_seed(0)
    layer, x = (nn.Linear(256, 64), torch.randn(60, 256)) if name == "linear" else (
        nn.Conv1d(80, 32, 3), torch.randn(2, 80, 30))  # fmt: skip
    plain = physical(read_noise=None, levels=levels, quantisation=Quantisation(clip_warning=1.0))
    fitted = physical(read_noise=None, levels=levels, quantisation=Quantisation(adc=LeastSquares()))
    errors = [
        relative_error(program(copy.deepcopy(layer), one, 0, calibration=[x]), layer, x) for one in (plain, fitted)
    ]
    assert errors[1] < 1.05 * errors[0] and errors[1] < 0.3
    if levels >= 16:
        assert errors[1] < 0.5 * errors[0]


def test_clip_rates_of_the_calibration_are_reported_and_warned_of():
    torch.manual_seed(0)
    layer, x = nn.Linear(256, 64), torch.randn(60, 256)
    with pytest.warns(MemristorWarning, match="of the conversions of one kind clip at crossbar '0'") as caught:
        model = program(nn.Sequential(layer), physical(levels=16), 0, calibration=[x])
    assert len(caught) == 1 and "\n" not in str(caught[0].message)
    dac, adc = mapping_report(model).clip_rates["0"]
    assert dac == 0 and adc > 0.05 and "conversions that clip most" in str(mapping_report(model))


def test_calibration_leaves_the_generator_of_torch_alone():
    x = torch.randn(5, 8)
    torch.manual_seed(3)
    program(nn.Linear(8, 4), physical(quantisation=Quantisation(adc=Largest())), 0, input_range=None, calibration=[x])
    state = torch.get_rng_state()
    torch.manual_seed(3)
    nn.Linear(8, 4)
    assert torch.equal(torch.get_rng_state(), state)


def test_inputs_from_a_generator_serve_all_passes():
    rules = Quantisation(adc=Largest(), inputs=Percentile())
    model = program(nn.Linear(8, 4), physical(quantisation=rules), 0, calibration=(torch.randn(5, 8) for _ in range(3)))
    assert mapping_report(model).clip_rates and bool((model.crossbar.adc_gain != 1).all())


def test_rules_do_not_touch_the_identity_of_hardware_at_their_default():
    assert "quantisation" not in physical().__sis_state__()
    assert "quantisation" in physical(quantisation=Quantisation(per_column=True)).__sis_state__()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Percentile(percent=0), "Percentile.percent is 0"),
        (lambda: Sigma(factor=-1), "Sigma.factor is -1"),
        (lambda: LeastSquares(candidates=1), "LeastSquares.candidates is 1"),
        (lambda: MovingAverage(momentum=2), "MovingAverage.momentum is 2"),
        (lambda: Quantisation(adc_range_of="row"), "Quantisation.adc_range_of is 'row'"),
        (lambda: Quantisation(weights=MovingAverage()), "Quantisation.weights is MovingAverage"),
        (lambda: Quantisation(clip_warning=3), "Quantisation.clip_warning is 3"),
        (lambda: physical(quantisation="column"), "Hardware.quantisation is 'column'"),
    ],
)
def test_wrong_rules_are_named(wrong, message):
    with pytest.raises(MemristorError, match=message):
        wrong()
