import copy

import pytest
import torch
from torch import nn

from recipe.errors import InputError
from recipe.quantization.layers import QuantizedConv1d, QuantizedConv2d, QuantizedLinear, QuantizedLstm

LAYERS = {
    "linear": (lambda: nn.Linear(12, 7), QuantizedLinear, (5, 12)),
    "conv": (lambda: nn.Conv1d(6, 9, 5, stride=2, padding=3, dilation=2, groups=3), QuantizedConv1d, (2, 6, 40)),
    "image": (lambda: nn.Conv2d(3, 5, (3, 2), stride=(1, 2), padding=1), QuantizedConv2d, (2, 3, 9, 8)),
    "without bias": (lambda: nn.Linear(12, 7, bias=False), QuantizedLinear, (5, 12)),
}


@pytest.fixture(params=LAYERS)
def case(request):
    torch.manual_seed(0)
    make, quantized, shape = LAYERS[request.param]
    plain = make()
    return plain, quantized, torch.randn(shape)


def test_with_many_bits_it_is_the_plain_layer(case):
    plain, quantized, x = case
    layer = quantized(plain, weight_bits=16, activation_bits=16).train()
    torch.testing.assert_close(layer(x), plain(x), rtol=1e-3, atol=1e-3)


def test_the_result_follows_from_what_the_hardware_reads(case):
    plain, quantized, x = case
    layer = quantized(plain, weight_bits=4, activation_bits=8).train()
    layer(x)
    layer.eval()
    assert layer.input_range == x.abs().max()
    levels = (x * 127 / layer.input_range).round()
    assert layer.integer_weight().shape == layer.weight.shape and layer.weight_bits == 4
    assert layer.integer_weight().abs().max() == 7
    plain = copy.deepcopy(plain)  # the layer shares its parameters
    plain.weight.data = layer.integer_weight() * layer.weight_scale
    expected = layer.output_quantizer(plain(levels * layer.input_range / 127))
    torch.testing.assert_close(layer(x), expected, rtol=0, atol=2.1 * layer.output_quantizer.scale.item())
    assert (layer(x) - expected).abs().mean() < 0.1 * layer.output_quantizer.scale


def test_two_bits_are_ternary(case):
    plain, quantized, x = case
    layer = quantized(plain, weight_bits=2, activation_bits=8).train()
    layer(x)
    assert set(layer.integer_weight().unique().tolist()) == {-1, 0, 1}
    assert layer.weight_scale == pytest.approx(plain.weight.abs().max().item())


@pytest.fixture
def lstm() -> nn.LSTM:
    torch.manual_seed(0)
    layer = nn.LSTM(6, 5, batch_first=True)
    layer.weight_hh_l0.data *= 3  # else both weights have nearly one range, and could be exchanged
    return layer


def test_an_lstm_with_many_bits_is_the_plain_one(lstm):
    x = torch.randn(3, 11, 6)
    layer = QuantizedLstm(lstm, weight_bits=16, activation_bits=16).train()
    wanted, (last, cell) = lstm(x)
    found, (found_last, found_cell) = layer(x)
    torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(found_last, last, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(found_cell, cell, rtol=1e-3, atol=1e-3)


def test_an_lstm_follows_from_what_the_hardware_reads(lstm):
    x = torch.randn(3, 11, 6)
    layer = QuantizedLstm(lstm, weight_bits=3, activation_bits=4).train()
    layer(x)
    layer.eval()
    assert layer.input_range == x.abs().max()
    lstm = copy.deepcopy(lstm)  # the layer shares its parameters
    for part in layer.PARTS:
        read = layer.quantized_part(part)
        largest = getattr(layer, f"weight_{part}").abs().max().item()
        assert read.weight_scale == pytest.approx(largest / 3)
        assert read.weight_bits == 3 and read.integer_weight().abs().max() == 3
        getattr(lstm, f"weight_{part}").data = read.integer_weight() * read.weight_scale
    levels = (x * 7 / layer.input_range).round()
    wanted = layer.output_quantizer(lstm(levels * layer.input_range / 7)[0])
    assert (layer(x)[0] - wanted).abs().mean() < 0.01 * layer.output_quantizer.scale  # a tie may round either way


def test_an_lstm_goes_on_from_a_state(lstm):
    x = torch.randn(3, 11, 6)
    layer = QuantizedLstm(lstm, weight_bits=4, activation_bits=8).train()
    layer(x)
    layer.eval()
    whole, last = layer(x)
    first, state = layer(x[:, :4])
    rest, end = layer(x[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, rest], 1), whole)
    torch.testing.assert_close(end, last)


def test_gradients_pass_an_lstm_of_two_bits(lstm):
    layer = QuantizedLstm(lstm, weight_bits=2, activation_bits=8).train()
    layer(torch.randn(3, 11, 6))[0].sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in layer.parameters())


@pytest.mark.parametrize("other", [{"num_layers": 2}, {"bidirectional": True}, {"bias": False}, {"proj_size": 3}])
def test_an_lstm_of_another_form_is_refused(other):
    with pytest.raises(InputError, match="one nn.LSTM per layer and direction"):
        QuantizedLstm(nn.LSTM(6, 5, **{"batch_first": True, **other}), 4, 8)
