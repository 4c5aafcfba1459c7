from collections import Counter
from dataclasses import dataclass, replace

import pytest
import torch

import memristor_sim
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.graph.experiment import Experiment
from recipe.models.conformer import ConformerConfig
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.layers import QuantizedConv1d, QuantizedConv2d, QuantizedLinear
from recipe.systems import Qat
from setups.tiny import tiny

MODEL = ConformerConfig(
    num_labels=5,
    frontend_channels=(2, 2, 2, 2),
    model_dim=16,
    feed_forward_dim=16,
    num_blocks=2,
    conv_kernel=3,
)


def bits_by_role(module: torch.nn.Module) -> Counter:
    return Counter(
        (name.rsplit(".", 1)[-1], part.bits) for name, part in module.named_modules() if isinstance(part, FakeQuantize)
    )


def test_a_block_holds_the_published_quantisers():
    model = build_model(MODEL, QuantizationConfig(weight_bits=3))
    operands = {(name, 3): 1 for name in ("query", "key", "value", "weights")}
    expected = {("input_quantizer", 8): 9, ("output_quantizer", 8): 9, ("weight_quantizer", 3): 9} | operands
    assert bits_by_role(model.blocks[0]) == expected
    assert not bits_by_role(model.frontend) and not bits_by_role(model.output)


def test_each_choice_changes_what_it_names():
    model = build_model(
        MODEL,
        QuantizationConfig(
            weight_bits=3, activation_bits=6, attention_operand_bits=5, quantize_depthwise=False, attention_dropout=True
        ),
    )
    bits = bits_by_role(model.blocks[1])
    assert bits["weights", 5] == bits["query", 5] == 1 and bits["input_quantizer", 6] == 8
    assert not isinstance(model.blocks[1].convolution.depthwise, QuantizedConv1d)
    assert model.blocks[1].attention.attention_dropout.p == 0.2
    published = build_model(MODEL, QuantizationConfig(weight_bits=3)).blocks[1]
    assert isinstance(published.convolution.depthwise, QuantizedConv1d)
    assert isinstance(published.attention.attention_dropout, torch.nn.Identity)


def test_the_front_end_is_quantised_and_mapped_where_it_is_asked_for():
    config = QuantizationConfig(weight_bits=3, quantize_frontend=True)
    model = build_model(MODEL, config)
    convolutions = [f"conv{n}" for n in range(1, 5)]
    assert all(isinstance(getattr(model.frontend, name), QuantizedConv2d) for name in convolutions)
    assert isinstance(model.frontend.linear, QuantizedLinear) and not bits_by_role(model.output)
    features, lengths = torch.randn(2, 40, 80), torch.tensor([40, 30])
    model.train()(features, lengths)
    report = memristor_sim.mapping_report(memristor_sim.program(model.eval(), physical(), 1))
    mapped = {one.name for one in report.mapped}
    assert {f"frontend.{name}" for name in [*convolutions, "linear"]} <= mapped
    assert Qat(3, {"quantize_frontend": True}).name == "qat-3.quantize_frontend=True"
    with pytest.raises(InputError, match="WithoutLayers has no frontend_layers; leave quantize_frontend out"):
        build_model(WithoutLayers(), config)


def test_patterns_set_bits_layer_by_layer_and_the_first_match_counts():
    bits = (("blocks.0.attention.*", 8), ("*.attention.*", 6), ("*", 4))
    model = build_model(MODEL, QuantizationConfig(weight_bits=bits))
    assert [block.attention.qkv.weight_bits for block in model.blocks] == [8, 6]
    assert [block.attention.query.bits for block in model.blocks] == [8, 6]
    assert model.blocks[0].feed_forward1.linear_in.weight_bits == 4


@pytest.mark.parametrize("bits, planes", [(8, 7), (2, 1), ((("*.attention.*", 6), ("blocks.0.*", 8), ("*", 4)), 7)])
def test_a_weight_has_a_plane_per_bit_but_the_sign_and_a_mixture_those_of_its_widest(bits, planes):
    assert QuantizationConfig(weight_bits=bits).planes == planes


def test_a_layer_without_a_pattern_is_named():
    with pytest.raises(InputError, match="feed_forward1.linear_in"):
        build_model(MODEL, QuantizationConfig(weight_bits=(("*.attention.*", 4),)))


@pytest.mark.parametrize("bits", [1, 0, -3, 1.5, 17, True, (("*", 1),)])
def test_bits_out_of_range_are_refused(bits):
    with pytest.raises(InputError, match="weight_bits"):
        QuantizationConfig(weight_bits=bits)


def test_quantisation_changes_neither_the_draw_nor_the_names_of_parameters():
    torch.manual_seed(1)
    plain = build_model(MODEL)
    torch.manual_seed(1)
    quantized = build_model(MODEL, QuantizationConfig(weight_bits=2))
    assert isinstance(quantized.blocks[0].attention.qkv, QuantizedLinear)
    expected = dict(plain.named_parameters())
    assert list(expected) == list(dict(quantized.named_parameters()))
    assert all(torch.equal(value, expected[name]) for name, value in quantized.named_parameters())


def test_training_moves_quantised_weights():
    unmoved = []
    for seed in range(4):  # an untrained 2-bit attention may round to 0 for a whole batch, and move nothing after it
        torch.manual_seed(seed)
        model = build_model(MODEL, QuantizationConfig(weight_bits=2)).train()
        log_probs, _ = model(torch.randn(2, 40, 80), torch.tensor([40, 30]))
        log_probs[..., 0].sum().backward()
        unmoved.append({name for name, value in model.named_parameters() if value.grad is None or not value.grad.any()})
    # A key bias shifts all scores of a query alike, but is a part of qkv.bias; everything else must move.
    assert not set.intersection(*unmoved)


@dataclass(frozen=True)
class WithoutLayers:
    """A model value of one linear layer, of which `quantized_layers` names none."""

    quantized_layers: tuple[str, ...] = ()
    quantizable_weights: int = 0
    num_labels: int = 78
    label_context: int = 0
    encoder_model: None = None

    def build(self, quantized: bool) -> torch.nn.Module:
        return torch.nn.Sequential(torch.nn.Linear(2, 2))


@pytest.mark.parametrize("patterns", [(), ("encoder.*",), ("00*",)])
def test_a_model_without_a_layer_to_quantise_is_refused(patterns):
    with pytest.raises(InputError, match="no linear, convolution or LSTM of Sequential matches its quantized_layers"):
        build_model(WithoutLayers(patterns), QuantizationConfig(weight_bits=4))


def test_a_graph_with_such_a_model_is_refused_before_anything_runs():
    experiment = Experiment(replace(tiny(), model=WithoutLayers()))
    with pytest.raises(InputError, match="WithoutLayers has no layer that can be quantised"):
        experiment.scores(Qat(4))
