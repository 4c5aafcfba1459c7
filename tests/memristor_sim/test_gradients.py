"""Gradients through crossbars against finite differences of a plain, unrounded computation over every cell."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from memristor_sim import MemristorError, physical, program, trainable
from memristor_sim.hardware import Cycles, Dac, Wires
from memristor_sim.in_situ import rewrite, settle, write_through
from tests.memristor_sim.reference import currents, shares_of, value_per_ampere

FINE = physical(read_noise=None, tile_rows=20, map_depthwise=True)


def expectation(crossbar, x, group=0):
    """What the cells give for [N, I] without rounding anywhere, in weight steps: [N, O]."""
    mapping, dac = crossbar.mapping, crossbar.dac
    factor = value_per_ampere(crossbar.cell, dac) * (mapping.levels - 1)
    voltage = np.asarray(x, np.float64)[:, :, None] * dac.full_scale_v
    total = 0.0
    for plane in range(mapping.planes):
        plus, minus = (one[plane, group].double().numpy() for one in (crossbar.r_plus, crossbar.r_minus))
        share_plus, share_minus = shares_of(crossbar, plane, group)
        pairs = share_plus * currents(plus, voltage, crossbar.cell)
        pairs = pairs - share_minus * currents(minus, voltage, crossbar.cell)
        total = total + factor * pairs.sum(1) * mapping.levels ** (mapping.planes - 1 - plane)
    return total


def on_levels(shape, full_scale, dac, seed=0):
    """Inputs within the range, on levels of the DAC: there, slopes of its table are slopes of the cells."""
    steps = np.random.default_rng(seed).integers(dac.lowest + 2, dac.highest - 1, shape)
    return torch.from_numpy(steps / 2 ** (dac.bits - 1) * full_scale).float()


def finite_difference(function, x, direction):
    return (function(x + direction) - function(x - direction)) / 2


@pytest.mark.parametrize(
    "changes",
    [{}, {"levels": 4}, {"dac": Dac(bits=6)}, {"dac": Dac(symmetric=False)}, {"wires": Wires(segment_ohm=50.0)}],
    ids=str,
)
def test_linear(changes):
    torch.manual_seed(0)
    built = program(nn.Linear(50, 30), physical(read_noise=None, tile_rows=20, **changes), 3, input_range=2.0)
    x, back = on_levels((4, 50), 2.0, built.crossbar.dac).requires_grad_(), torch.randn(4, 30)
    built(x).backward(back)
    step, scale = 1e-4, built.scale.double().numpy()
    for index in range(0, 50, 7):
        direction = np.zeros((4, 50))
        direction[:, index] = step
        function = lambda x: expectation(built.crossbar, x / scale[1]) * scale[0] * scale[1]
        slope = finite_difference(function, x.detach().double().numpy(), direction) / step
        wanted = (slope * back.double().numpy()).sum(1)
        np.testing.assert_allclose(x.grad[:, index].numpy(), wanted, rtol=0.01, atol=0.01 * np.abs(wanted).max())


def test_inputs_beyond_the_range_of_the_dac_have_no_gradient():
    built = program(nn.Linear(3, 2), FINE, 3, input_range=1.0)
    x = torch.tensor([[0.5, 1.5, -1.01]], requires_grad=True)
    built(x).sum().backward()
    assert (x.grad[0] != 0).tolist() == [True, False, False]


LAYERS = {
    "linear": (lambda: nn.Linear(8, 6), (3, 5, 8)),
    "conv1d": (lambda: nn.Conv1d(6, 9, 5, stride=2, padding=1, groups=3), (2, 6, 20)),
    "depthwise": (lambda: nn.Conv1d(6, 6, 3, dilation=2, groups=6), (2, 6, 20)),
    "conv2d": (lambda: nn.Conv2d(4, 6, (3, 2), padding=1, padding_mode="reflect"), (2, 4, 7, 6)),
    "conv3d": (lambda: nn.Conv3d(2, 3, 2), (1, 2, 4, 4, 4)),
    "transposed": (lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), (2, 4, 5, 4)),
    "lstm": (lambda: nn.LSTM(6, 9, 2, bidirectional=True, batch_first=True), (2, 7, 6)),
    "lstm with projections": (lambda: nn.LSTM(6, 9, proj_size=4), (7, 2, 6)),
    "gru": (lambda: nn.GRU(6, 9), (7, 2, 6)),
    "rnn": (lambda: nn.RNN(6, 9), (7, 2, 6)),
    "cell": (lambda: nn.LSTMCell(6, 9), (4, 6)),
    "attention": (lambda: nn.MultiheadAttention(8, 2), (5, 2, 8)),
}


@pytest.mark.parametrize("noise", [True, False])
@pytest.mark.parametrize("name", LAYERS)
def test_gradients_of_all_layers_are_near_those_of_the_layer(name, noise):
    torch.manual_seed(0)
    layer, shape = LAYERS[name][0](), LAYERS[name][1]
    x = torch.randn(shape)
    calls = (lambda x: (x, x, x)) if name == "attention" else (lambda x: (x,))
    hardware = physical(map_depthwise=True) if noise else FINE
    built = program(copy.deepcopy(layer), hardware, 3, calibration=[calls(x)])
    gradients = []
    for one in (layer, built):
        given = x.clone().requires_grad_()
        y = one(*calls(given))
        y = y[0] if isinstance(y, tuple) else y
        y.backward(torch.ones_like(y).cumsum(-1))
        gradients.append(given.grad)
    assert np.corrcoef(gradients[0].flatten(), gradients[1].flatten())[0, 1] > 0.95
    assert float(gradients[1].norm() / gradients[0].norm()) == pytest.approx(1, abs=0.2)
    with torch.no_grad():
        assert not (lambda y: y[0] if isinstance(y, tuple) else y)(built(*calls(x))).requires_grad


@pytest.mark.parametrize("wires", [None, Wires(segment_ohm=200.0)])
def test_convolution_has_the_gradient_of_its_windows(wires):
    """Against the linear layer on unfolded windows, which is compared with finite differences above."""
    torch.manual_seed(0)
    hardware = replace(FINE, wires=wires)
    conv = program(nn.Conv1d(3, 4, 5, bias=False), hardware, 3, input_range=2.0)
    linear = program(nn.Linear(15, 4, bias=False), hardware, 3, input_range=2.0)
    linear.crossbar.write(conv.crossbar.r_plus, conv.crossbar.r_minus, *conv.crossbar.attenuation)
    linear.scale.copy_(conv.scale)
    gradients = []
    for one in (conv, lambda x: linear(x.unfold(-1, 5, 1).permute(0, 2, 1, 3).flatten(2)).transpose(1, 2)):
        x = torch.linspace(-1.9, 1.9, 60).view(2, 3, 10).requires_grad_()
        one(x).backward(torch.arange(48.0).view(2, 4, 6))
        gradients.append(x.grad)
    torch.testing.assert_close(*gradients, rtol=1e-4, atol=1e-3)


def test_noise_is_fresh_in_each_step_and_gradients_do_not_depend_on_it():
    torch.manual_seed(0)
    built, x = program(nn.Linear(20, 5), physical(), 3, input_range=2.0), torch.randn(4, 20, requires_grad=True)
    first, second = built(x), built(x)
    assert not torch.equal(first, second)
    gradients = [torch.autograd.grad(y.sum(), x)[0] for y in (first, second)]
    assert torch.equal(*gradients)


def test_gradients_have_the_dtype_of_the_input():
    built = program(nn.Linear(20, 5), FINE, 3, input_range=2.0)
    x = torch.randn(4, 20, dtype=torch.bfloat16, requires_grad=True)
    built(x).sum().backward()
    assert x.grad.dtype == torch.bfloat16


class Normalised(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Linear(20, 30), nn.LayerNorm(30), nn.ReLU(), nn.Linear(30, 5))


def test_norms_and_biases_can_be_trained_on_the_device():
    torch.manual_seed(0)
    digital, x = Normalised(), torch.randn(100, 20)
    wanted = digital(x).detach()
    hardware = physical(weight_bits=3, conditioning=Cycles(count=100))
    built = program(copy.deepcopy(digital), hardware, 3, calibration=[x])
    parameters = trainable(built, "norms", "biases")
    assert {id(one) for one in parameters} == {
        id(one) for one in (built[0].bias, built[3].bias, *built[1].parameters())
    }
    assert all(one.requires_grad for one in parameters)
    states = {key: value.clone() for key, value in built.named_buffers()}
    before = float((built(x) - wanted).square().mean())
    optimiser = torch.optim.Adam(parameters, 0.02)
    for _ in range(40):
        optimiser.zero_grad()
        (built(x) - wanted).square().mean().backward()
        optimiser.step()
    assert float((built(x) - wanted).square().mean()) < 0.7 * before
    assert all(torch.equal(value, states[key]) for key, value in built.named_buffers())
    assert trainable(built, "norms") == list(built[1].parameters()) and not built[0].bias.requires_grad


def test_choices_of_what_is_trained_are_checked():
    built = program(nn.Sequential(nn.Linear(3, 2, bias=False)), FINE, 3, input_range=1.0)
    for what, message in (((), "asked for nothing"), (("weights",), "weights"), (("norms",), "no parameters of norms")):
        with pytest.raises(MemristorError, match=message):
            trainable(built, *what)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_in_situ_computes_what_its_device_does_and_learns_as_the_digital_one(name):
    torch.manual_seed(0)
    layer, shape = LAYERS[name][0](), LAYERS[name][1]
    x = torch.randn(shape)
    call = (x, x, x) if name == "attention" else (x,)
    first = lambda y: y[0] if isinstance(y, tuple) else y
    model = nn.Sequential(copy.deepcopy(layer))
    alone = program(copy.deepcopy(model), FINE, 3, calibration=lambda model: model[0](*call))
    both = write_through(model, FINE, 3, calibration=lambda model: model[0](*call))
    assert torch.allclose(first(both[0](*call)), first(alone[0](*call)), atol=1e-5)
    wanted = first(layer(*call))
    wanted.backward(torch.ones_like(wanted))
    found = first(both[0](*call))
    found.backward(torch.ones_like(found))
    for key, parameter in layer.named_parameters():
        own = both[0].digital.get_parameter(key).grad
        torch.testing.assert_close(own, parameter.grad)
    with torch.no_grad():
        for parameter in both[0].digital.parameters():
            parameter.mul_(0.5)
    before = first(both[0](*call)).detach()
    rewrite(both)
    after = first(both[0](*call)).detach()
    assert not torch.equal(before, after)
    device = settle(both)
    assert torch.allclose(first(device[0](*call)), after, atol=1e-5) and not hasattr(device[0], "digital")


def test_weights_that_did_not_change_are_written_to_the_same_device():
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(20, 5)), torch.randn(50, 20)
    outputs = {}
    for seed in (3, 4):
        both = write_through(copy.deepcopy(model), physical(weight_bits=4, read_noise=None), seed, calibration=[x])
        outputs[seed] = both(x).detach()
        rewrite(both)
        assert torch.equal(both(x).detach(), outputs[seed])
    assert not torch.equal(outputs[3], outputs[4])


def test_weights_learn_what_their_device_does_to_them():
    torch.manual_seed(0)
    digital, x = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Linear(40, 3)), torch.randn(200, 20)
    wanted = digital(x).detach()
    hardware = physical(weight_bits=6, conditioning=Cycles(count=100), read_noise=None)
    error = lambda model: float((model(x) - wanted).square().mean())
    before = error(program(copy.deepcopy(digital), hardware, 3, calibration=[x]))
    model = write_through(digital, hardware, 3, calibration=[x])
    optimiser = torch.optim.Adam(model.parameters(), 0.001)
    for _ in range(40):
        optimiser.zero_grad()
        (model(x) - wanted).square().mean().backward()
        optimiser.step()
        rewrite(model)
    assert error(settle(model)) < 0.4 * before


def test_other_models_do_not_learn_through_a_device():
    for function in (rewrite, settle):
        with pytest.raises(MemristorError, match="No layer of this model"):
            function(nn.Linear(3, 2))
