import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from recipe.errors import InputError
from recipe.models.lstm import LstmConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.layers import QuantizedLstm

SMALL = LstmConfig(num_labels=5, model_dim=12, hidden_dim=7, num_layers=2, frontend_channels=(2, 2, 2, 2))


@pytest.mark.parametrize(
    "field, value", [("num_labels", 0), ("hidden_dim", 0), ("num_layers", -1), ("dropout", 1.0), ("model_dim", 0)]
)
def test_a_bad_size_is_named(field, value):
    with pytest.raises(InputError, match=f"LstmConfig.{field} is {value}"):
        LstmConfig(**{"num_labels": 5, field: value})


def test_all_its_lstms_are_quantised_and_their_weights_are_those_that_it_says():
    network = build_model(SMALL, QuantizationConfig(weight_bits=3))
    layers = [module for module in network.modules() if isinstance(module, QuantizedLstm)]
    assert len(layers) == 2 * SMALL.num_layers and not any(isinstance(m, nn.LSTM) for m in network.modules())
    weights = sum(layer.quantized_part(part).weight.numel() for layer in layers for part in layer.PARTS)
    assert weights == SMALL.quantizable_weights
    assert isinstance(network.output, nn.Linear)


def test_operations_outside_the_lstms_are_those_that_torch_counts():
    """torch counts no LSTM, whose products follow from its weights: one each per frame."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        build_model(SMALL).eval()(torch.randn(1, 800, 80), torch.tensor([800]))
    frames_per_s = 25
    recurrent = 2 * frames_per_s * SMALL.quantizable_weights
    assert SMALL.flops_per_s() - recurrent == pytest.approx(counter.get_total_flops() / 8.0, rel=1e-3)


def test_a_quantised_model_takes_the_state_of_the_float_one():
    network, quantized = build_model(SMALL), build_model(SMALL, QuantizationConfig(weight_bits=4))
    ranges = [name for name in quantized.state_dict() if name.endswith(".range")]
    missing, unexpected = quantized.load_state_dict(network.state_dict(), strict=False)
    assert (missing, unexpected) == (ranges, [])
