import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from recipe.errors import InputError
from recipe.models.lstm import LstmConfig
from recipe.models.sru import SruConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.layers import QuantizedLinear, QuantizedLstm

SIZES = {"num_labels": 5, "model_dim": 12, "hidden_dim": 7, "num_layers": 2, "frontend_channels": (2, 2, 2, 2)}
LSTM, SRU = LstmConfig(**SIZES), SruConfig(**SIZES)
both = pytest.mark.parametrize("model", [LSTM, SRU], ids=["lstm", "sru"])


@both
@pytest.mark.parametrize(
    "field, value", [("num_labels", 0), ("hidden_dim", 0), ("num_layers", -1), ("dropout", 1.0), ("model_dim", 0)]
)
def test_a_bad_size_is_named(model, field, value):
    with pytest.raises(InputError, match=f"{type(model).__name__}.{field} is {value}"):
        type(model)(**{"num_labels": 5, field: value})


def test_all_lstms_are_quantised_and_their_weights_are_those_that_the_value_says():
    network = build_model(LSTM, QuantizationConfig(weight_bits=3))
    layers = [module for module in network.modules() if isinstance(module, QuantizedLstm)]
    assert len(layers) == 2 * LSTM.num_layers and not any(isinstance(m, nn.LSTM) for m in network.modules())
    weights = sum(layer.quantized_part(part).weight.numel() for layer in layers for part in layer.PARTS)
    assert weights == LSTM.quantizable_weights
    assert isinstance(network.output, nn.Linear)


def test_all_products_of_simple_recurrent_units_are_quantised_and_their_weights_are_those_that_the_value_says():
    network = build_model(SRU, QuantizationConfig(weight_bits=3))
    layers = [module for module in network.modules() if isinstance(module, QuantizedLinear)]
    assert len(layers) == 2 * SRU.num_layers and isinstance(network.output, nn.Linear)
    assert sum(layer.weight.numel() for layer in layers) == SRU.quantizable_weights


def test_three_layers_of_simple_recurrent_units_have_the_weights_of_two_of_lstms():
    lstm, sru = LstmConfig(num_labels=5), SruConfig(num_labels=5, num_layers=3)
    assert lstm.quantizable_weights == sru.quantizable_weights == 622_592


@both
def test_operations_are_those_that_torch_counts(model):
    """torch counts no LSTM, whose products follow from its weights: one each per frame."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        build_model(model).eval()(torch.randn(1, 800, 80), torch.tensor([800]))
    uncounted = 2 * 25 * model.quantizable_weights if model is LSTM else 0  # 25 frames per second
    assert model.flops_per_s() - uncounted == pytest.approx(counter.get_total_flops() / 8.0, rel=1e-3)


@both
def test_a_quantised_model_takes_the_state_of_the_float_one(model):
    network, quantized = build_model(model), build_model(model, QuantizationConfig(weight_bits=4))
    ranges = [name for name in quantized.state_dict() if name.endswith(".range")]
    missing, unexpected = quantized.load_state_dict(network.state_dict(), strict=False)
    assert (missing, unexpected) == (ranges, [])
