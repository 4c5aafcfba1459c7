import pytest
import torch
from torch import nn

from recipe.quantization.layers import QuantizedConv1d, QuantizedLinear

LAYERS = {
    "linear": (lambda: nn.Linear(12, 7), QuantizedLinear, (5, 12)),
    "conv": (lambda: nn.Conv1d(6, 9, 5, stride=2, padding=3, dilation=2, groups=3), QuantizedConv1d, (2, 6, 40)),
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
    levels = (x * 127 / layer.input_range).round()
    assert layer.integer_weight().shape == layer.weight.shape and layer.weight_bits == 4
    assert layer.integer_weight().abs().max() == 7
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
