"""Calibration of programmed models: columns, ADC ranges, norms, and the DAC that is linear in current."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from memristor_sim import (
    LeastSquares,
    MemristorError,
    Percentile,
    Quantisation,
    calibrate_columns,
    fit_adc_ranges,
    match_norms,
    physical,
    prepare,
    program,
)
from memristor_sim.column_affine import expect_columns
from memristor_sim.components import Dac
from memristor_sim.converters import line_tables
from memristor_sim.crossbar import Crossbar
from memristor_sim.hardware import Synaptogen, Wires
from memristor_sim.modules.programmed import ScaledCrossbar

QUIET = physical(weight_bits=5, read_noise=None)


class Conv(nn.Sequential):
    """A convolution in two groups and a transposed one."""

    def __init__(self):
        super().__init__(nn.Conv2d(4, 6, 3, stride=2, groups=2), nn.ConvTranspose2d(6, 3, 3, stride=2))


class Recurrent(nn.Module):
    """An LSTM over time, two directions."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(12, 10, bidirectional=True, batch_first=True)

    def forward(self, x):
        return self.lstm(x)[0]


class Attention(nn.Module):
    """Self-attention."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(12, 3, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x)[0]


NETWORKS = {
    "linear": (lambda: nn.Sequential(nn.Linear(12, 30), nn.ReLU(), nn.Linear(30, 7, bias=False)), (40, 9, 12)),
    "conv": (Conv, (6, 4, 21, 21)),
    "recurrent": (Recurrent, (20, 12, 12)),
    "cell": (lambda: nn.LSTMCell(12, 10), (80, 12)),
    "attention": (Attention, (20, 12, 12)),
}


def built(name, hardware=QUIET, seed=1):
    torch.manual_seed(0)
    make, shape = NETWORKS[name]
    digital = make().eval()
    x = torch.randn(shape)
    model = program(copy.deepcopy(digital), hardware, seed, calibration=[x]).eval()
    return digital, model, x


def error(model, digital, x):
    with torch.no_grad():
        found, wanted = (network(x) for network in (model, digital))
    found, wanted = (one[0] if isinstance(one, tuple) else one for one in (found, wanted))
    return float((found - wanted).square().mean() / wanted.var())


def parts_of(model):
    return [one for one in model.modules() if isinstance(one, ScaledCrossbar)]


@pytest.mark.parametrize("name", NETWORKS)
def test_columns_come_nearer_to_the_digital_model(name):
    digital, model, x = built(name)
    other = torch.randn(torch.Size(NETWORKS[name][1]), generator=torch.Generator().manual_seed(7))
    before = error(model, digital, other)
    calibrate_columns(model, digital, [x])
    assert 0 < error(model, digital, other) < 0.9 * before
    assert all(one.observer is None and one.column_affine.shape[0] == 2 for one in parts_of(model))


def classifier_with_idle_weights():
    """Two classes; the largest weights multiply inputs that are 0 and outputs that never fire, and compute nothing.

    So do some of a trained detector of speech (docs/networks.md).
    """
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 2)).eval()
    with torch.no_grad():
        model[0].weight[:4, 60:] = 20.0
        model[0].bias[:4] = -5.0
        model[2].weight[:3, :4] = 20.0
        model[4].bias.zero_()
    x = torch.rand(2000, 64)
    x[:, 60:] = 0
    with torch.no_grad():
        model[4].bias.copy_(-model(x).median(0).values)
    return model, x[:1000], x[1000:]


@pytest.mark.filterwarnings("ignore")  # the ADC clips
@pytest.mark.parametrize(
    ("per_column", "calibrated", "least", "most"), [(False, False, 0, 0.7), (False, True, 0, 0.7), (True, True, 0.9, 1)]
)
def test_weights_that_compute_nothing_cost_nothing_with_column_scales_and_calibration(
    per_column, calibrated, least, most
):
    digital, x, other = classifier_with_idle_weights()
    hardware = physical(quantisation=Quantisation(per_column=per_column))
    model = program(copy.deepcopy(digital), hardware, 1, calibration=[x])
    if calibrated:
        calibrate_columns(model, digital, [x])
    torch.manual_seed(0)
    with torch.no_grad():
        assert not digital[1](digital[0](other))[:, :4].any()
        same = model(other).argmax(-1) == digital(other).argmax(-1)
    assert least <= float(same.float().mean()) <= most


def test_gain_and_offset_are_the_least_squares_of_each_column():
    digital, model, x = built("linear")
    layer, first = digital[0], model[0]
    with torch.no_grad():
        measured = first.raw_product(x).flatten(0, 1).double().numpy()
        wanted = (x.clamp(-first.scale[1], first.scale[1]) @ layer.weight.T).flatten(0, 1).double().numpy()
    calibrate_columns(model, digital, [x[:20], x[20:]])  # calls add up
    for column in range(30):
        matrix = np.stack([measured[:, column], np.ones(len(measured))], 1)
        least = np.linalg.lstsq(matrix, wanted[:, column], rcond=None)[0]
        np.testing.assert_allclose(first.column_affine[:, column].numpy(), least, rtol=1e-4, atol=1e-5)
    fitted = first.product(x).flatten(0, 1)
    np.testing.assert_allclose(fitted.mean(0).numpy(), wanted.mean(0), atol=1e-4)


@pytest.mark.parametrize("name", ["linear", "conv"])
def test_the_effective_weight_has_the_gain_of_its_column(name):
    digital, model, x = built(name)
    part = parts_of(model)[0]
    before = part.weight
    calibrate_columns(model, digital, [x])
    gain = part.column_affine[0].flatten()  # of groups and columns: the outputs, in order
    assert gain.unique().numel() == len(before)
    wanted = before * gain.view(-1, *[1] * (before.dim() - 1))
    torch.testing.assert_close(part.weight, wanted)


def test_a_layer_sees_what_the_digital_model_feeds_it():
    """What the first layer does wrong is not taken for an error of the second."""
    digital, model, x = built("linear")
    with torch.no_grad():
        for crossbar in (one for one in model[0].modules() if isinstance(one, Crossbar)):
            crossbar.r_plus += 0.05
    calibrate_columns(model, digital, [x])
    second = model[2].column_affine.clone()
    _, fresh, _ = built("linear")
    calibrate_columns(fresh, digital, [x])
    assert torch.equal(second, fresh[2].column_affine)


def test_calibration_repeats_and_replaces():
    digital, model, x = built("linear", physical(weight_bits=5))
    states = []
    for _ in range(2):
        torch.manual_seed(3)
        calibrate_columns(model, digital, [x])
        states.append(copy.deepcopy(model.state_dict()))
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
    assert torch.equal(torch.rand(1), torch.manual_seed(3) and torch.rand(1))  # the generator is as it was


def test_a_state_brings_its_calibration():
    digital, model, x = built("linear")
    plain = copy.deepcopy(model.state_dict())
    calibrate_columns(model, digital, [x])
    state = model.state_dict()
    assert "0.column_affine" in state and "0.column_affine" not in plain
    other = prepare(copy.deepcopy(digital), QUIET).eval()
    other.load_state_dict(state)
    assert torch.equal(other(x), model(x))
    other.load_state_dict(plain)
    assert other[0].column_affine is None
    expect_columns(other)
    assert set(other.state_dict()) == set(state)
    state["0.column_affine"] = state["0.column_affine"][:, :5]
    with pytest.raises(MemristorError, match=r"layer '0' has gains and offsets of shape \[2, 5\]"):
        other.load_state_dict(state)


class FakeQuantised(nn.Linear):
    """A layer that brings integers, with a scale for each output or one for all."""

    weight_bits, input_range = 4, 2.0

    def __init__(self, inputs, outputs, per_output):
        super().__init__(inputs, outputs)
        self.output_quantizer = nn.Identity()
        largest = self.weight.detach().abs().amax(1) if per_output else self.weight.detach().abs().max()
        self.weight_scale = largest / 7 if per_output else float(largest / 7)

    def integer_weight(self):
        scale = torch.as_tensor(self.weight_scale).reshape(-1, 1)
        return (self.weight / scale).round().int()

    def forward(self, x):
        weight = self.integer_weight() * torch.as_tensor(self.weight_scale).reshape(-1, 1)
        return nn.functional.linear(x.clamp(-2, 2), weight, self.bias)


@pytest.mark.parametrize("per_output", [False, True])
def test_fake_quantised_layers_are_fitted_to_their_integers(per_output):
    torch.manual_seed(0)
    digital, x = nn.Sequential(FakeQuantised(20, 20, per_output)).eval(), torch.randn(400, 20)
    model = program(copy.deepcopy(digital), QUIET, 1).eval()
    before = error(model, digital, x)
    calibrate_columns(model, digital, [x])
    assert error(model, digital, x) < 0.9 * before < 0.1


def test_columns_take_back_most_of_what_lines_with_resistance_cost():
    digital, model, x = built("linear", physical(weight_bits=5, read_noise=None, wires=Wires()))
    before = error(model, digital, x)
    calibrate_columns(model, digital, [x])
    assert error(model, digital, x) < 0.7 * before


def test_gradients_pass_the_calibration():
    digital, model, x = built("linear")
    calibrate_columns(model, digital, [x])
    x.requires_grad_()
    model[0](x)[..., 3].sum().backward()
    with_gain = x.grad.clone()
    gain = model[0].column_affine[0, 3].clone()
    model[0].column_affine = None
    x.grad = None
    model[0](x)[..., 3].sum().backward()
    torch.testing.assert_close(with_gain, gain * x.grad)


def test_what_cannot_be_calibrated_is_named():
    digital, model, x = built("linear")
    with pytest.raises(MemristorError, match="Layer '0' is on crossbars"):
        calibrate_columns(model, model, [x])
    with pytest.raises(MemristorError, match="never reach layer '0'"):
        calibrate_columns(model, digital, [])
    with pytest.raises(MemristorError, match="no normalisation layer"):
        match_norms(model, digital, [x])


@pytest.mark.parametrize("rule", [LeastSquares(), Percentile(percent=99)])
def test_adc_ranges_can_be_fitted_after_programming(rule):
    hardware = physical(weight_bits=5, read_noise=None, tile_rows=8)
    digital, model, x = built("linear", hardware)
    before = model.state_dict()
    fit_adc_ranges(model, [x], rule, "plane")
    gain = model[0].crossbar.adc_gain
    assert gain.shape == (4, 2, 1) and (gain > 1).any() and torch.equal(gain[:, :1], gain[:, 1:])
    other = prepare(copy.deepcopy(digital), hardware).eval()
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x)) and "0.crossbar.adc_gain" not in before


@pytest.mark.parametrize(
    "norm, shape",
    [(nn.LayerNorm(16), (50, 9, 16)), (nn.BatchNorm1d(16), (50, 16)), (nn.LayerNorm((3, 16)), (90, 3, 16))],
)
def test_norms_take_means_and_variances_of_the_digital_model(norm, shape):
    torch.manual_seed(1)
    nn.init.uniform_(norm.weight), nn.init.normal_(norm.bias)
    digital = nn.Sequential(nn.Linear(16, 16), norm, nn.ReLU(), nn.Linear(16, 16), copy.deepcopy(norm)).eval()
    x = torch.randn(shape)
    model = program(copy.deepcopy(digital), physical(weight_bits=3, read_noise=None), 1, calibration=[x]).eval()
    untouched = copy.deepcopy(digital.state_dict())
    match_norms(model, digital, [x])
    for last in (2, 5):  # the second norm sees the first one corrected
        with torch.no_grad():
            found, wanted = (network[:last](x).flatten(0, -norm.weight.dim() - 1) for network in (model, digital))
        torch.testing.assert_close(found.mean(0), wanted.mean(0), atol=1e-4, rtol=1e-3)
        torch.testing.assert_close(found.std(0), wanted.std(0), atol=1e-4, rtol=1e-3)
    assert all(torch.equal(untouched[key], value) for key, value in digital.state_dict().items())
    with pytest.raises(MemristorError, match="'1' is called more than once"):
        match_norms(model, digital, [x, x])


@pytest.mark.parametrize("dac", [Dac(linearised=True), Dac(linearised=True, symmetric=False, bits=5, full_scale_v=0.3)])
def test_a_linearised_dac_makes_the_mean_current_linear(dac):
    drive = line_tables(Synaptogen(), dac, None, 8020.0)[0]
    inputs = np.arange(dac.lowest, dac.highest + 1) / 2 ** (dac.bits - 1)
    full = line_tables(Synaptogen(), Dac(full_scale_v=dac.full_scale_v), None, 8020.0)[0][-1]
    np.testing.assert_allclose(drive, full * inputs, atol=2e-4)


def test_an_uneven_dac_has_ids_of_its_own_and_an_even_one_those_of_before():
    from sisyphus.hash import short_hash

    assert short_hash(physical(dac=Dac(linearised=False))) == "VY3P9tyeFVBB"
    assert short_hash(physical(dac=Dac(linearised=True))) != "VY3P9tyeFVBB"
    assert repr(Dac()) == "Dac(bits=8, full_scale_v=0.6, symmetric=True)"
    assert eval(repr(Dac(linearised=True, bits=5))) == Dac(linearised=True, bits=5)


def test_a_linearised_dac_takes_the_curvature_off_a_device():
    digital, plain, x = built("linear")
    _, even, _ = built("linear", physical(weight_bits=5, read_noise=None, dac=Dac(linearised=True)))
    errors = []
    for model in (plain, even):
        calibrate_columns(model, digital, [x])
        errors.append(error(model, digital, x))
    assert errors[1] < errors[0]
