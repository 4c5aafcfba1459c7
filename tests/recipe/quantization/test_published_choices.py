"""Each choice on which the paper's text and code disagree changes what is computed, and only that."""

from dataclasses import replace

import pytest
import torch

from memristor_sim import program
from memristor_sim.hardware import physical
from recipe.models.conformer import ConformerConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig

MODEL = ConformerConfig(
    num_labels=5,
    frontend_channels=(2, 2, 2, 2),
    model_dim=16,
    feed_forward_dim=16,
    num_blocks=1,
    conv_kernel=3,
    dropout=0.0,
    inner_dropout=0.0,
    attention_dropout=0.5,
)
PUBLISHED = QuantizationConfig(weight_bits=3)
FEATURES = torch.randn(1, 60, 80, generator=torch.Generator().manual_seed(3))


def built(quantization: QuantizationConfig) -> torch.nn.Module:
    """The same draw for every choice, with ranges set by one training pass."""
    torch.manual_seed(1)
    model = build_model(MODEL, quantization).train()
    model(FEATURES, torch.tensor([60]))
    return model.eval()


def log_posteriors(model: torch.nn.Module, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    with torch.no_grad():
        return model(FEATURES, torch.tensor([60]))[0]


def attention_levels(model: torch.nn.Module) -> int:
    """Distinct values among the attention weights that multiply the values."""
    seen = []
    handle = model.blocks[0].attention.weights.register_forward_hook(lambda *call: seen.append(call[-1]))
    log_posteriors(model)
    handle.remove()
    return len(seen[0].unique())


def test_attention_operands_have_the_levels_of_the_weights_or_of_their_own_bits():
    assert attention_levels(built(PUBLISHED)) <= 2 ** (3 - 1)  # softmax is not negative: half of the levels
    wide = built(replace(PUBLISHED, attention_operand_bits=8))
    assert attention_levels(wide) > 2 ** (3 - 1)
    assert not torch.equal(log_posteriors(wide), log_posteriors(built(PUBLISHED)))


@pytest.mark.parametrize("dropout", [False, True])
def test_attention_is_dropped_in_training_alone_and_only_where_chosen(dropout):
    model = built(replace(PUBLISHED, attention_dropout=dropout))
    assert torch.equal(log_posteriors(model, 1), log_posteriors(model, 2))
    model.train()
    assert torch.equal(log_posteriors(model, 1), log_posteriors(model, 2)) != dropout


def test_the_depthwise_convolution_is_rounded_or_not():
    inputs = torch.randn(1, 16, 20, generator=torch.Generator().manual_seed(5))
    rounded, plain = (
        built(replace(PUBLISHED, quantize_depthwise=on)).blocks[0].convolution.depthwise for on in (True, False)
    )
    assert torch.equal(rounded.weight, plain.weight) and torch.equal(rounded.bias, plain.bias)
    used = rounded.weight_quantizer(rounded.weight)
    assert len(used.unique()) <= 2 * 3 + 1 and len(plain.weight.unique()) > 7
    exact = torch.nn.functional.conv1d(inputs, plain.weight, plain.bias, padding=1, groups=16)
    torch.testing.assert_close(plain(inputs), exact)
    assert (rounded(inputs) - exact).abs().max() > 1e-3


def test_a_device_adds_the_bias_of_every_mapped_layer_or_none():
    quiet = physical(read_noise=None)
    digital = built(PUBLISHED)
    bare = built(PUBLISHED)
    names = [
        name for name, layer in bare.named_modules() if hasattr(layer, "integer_weight") and layer.weight.ndim == 2
    ]
    for name in names:
        torch.nn.init.zeros_(bare.get_submodule(name).bias)
    assert len(names) == 8
    with_bias, without, of_bare = (
        log_posteriors(program(model, replace(quiet, digital_bias=on), 0))
        for model, on in ((built(PUBLISHED), True), (digital, False), (bare, True))
    )
    assert torch.equal(without, of_bare)
    assert not torch.equal(with_bias, without)
