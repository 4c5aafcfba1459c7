"""Relative positions against their formula, written out pair by pair, and on hardware."""

import math
from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

import memristor_sim
from memristor_sim.cost import model_costs
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.models.conformer import small_conformer
from recipe.models.conformer_network import SelfAttention
from recipe.models.positions import LINEARS, RelativePositions
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig

PLAIN = small_conformer(9, num_blocks=1, model_dim=16)
VARIANTS = [RelativePositions(clip=3, linear=linear, learnable=on) for linear in LINEARS for on in (False, True)]


@pytest.fixture(params=VARIANTS, ids=str)
def config(request):
    return replace(PLAIN, positions=request.param)


def test_scores_are_those_of_the_formula_for_every_pair_of_frames(config):
    torch.manual_seed(0)
    attention = SelfAttention(config).eval()
    part, clip = attention.positions, config.positions.clip
    x = torch.randn(2, 9, 16)
    q, k, v = attention.qkv(attention.norm(x)).view(2, 9, 3, 4, 4).unbind(2)
    distance = {}
    for one in range(-clip, clip + 1):
        vector = part.vectors[one + clip]
        if not config.positions.learnable:
            waves = [f(one / 10_000 ** (2 * i / 16)) for i in range(8) for f in (math.sin, math.cos)]
            torch.testing.assert_close(vector, torch.tensor(waves))
        distance[one] = part.linear(vector).view(4, 4)
    scores = torch.empty(2, 4, 9, 9)
    for i in range(9):
        for j in range(9):
            far = distance[max(-clip, min(clip, j - i))]
            by_key = ((q[:, i] + part.key_bias) * k[:, j]).sum(-1)
            scores[:, :, i, j] = (by_key + ((q[:, i] + part.distance_bias) * far).sum(-1)) / 2  # sqrt(K)
    padding = torch.zeros(2, 1, 1, 9)
    padding[1, ..., 6:] = -torch.inf
    mixed = torch.einsum("bhij,bjhk->bihk", (scores + padding).softmax(-1), v).flatten(2)
    torch.testing.assert_close(attention(x, padding), attention.out(mixed))


def test_what_crossbars_hold_is_what_the_value_says(config):
    network = build_model(config, QuantizationConfig(weight_bits=3)).train()
    network(torch.randn(2, 80, 80), torch.tensor([80, 60]))[0].sum().backward()
    name = "blocks.0.attention.positions.linear"
    mapped = config.positions.linear == "crossbar"
    assert hasattr(network.get_submodule(name), "weight_quantizer") == mapped
    costs = model_costs(network.eval(), physical())
    assert (name in {cost.name for cost in costs}) == mapped
    assert costs[-1].weights == config.quantizable_weights
    device = memristor_sim.program(network, physical(), 1)
    assert device(torch.randn(1, 80, 80), torch.tensor([80]))[0].isfinite().all()


def test_learned_vectors_are_parameters_and_sinusoids_no_part_of_the_state(config):
    network = config.build(quantized=False)
    name = "blocks.0.attention.positions.vectors"
    assert (name in dict(network.named_parameters())) == config.positions.learnable == (name in network.state_dict())


def test_without_positions_nothing_is_new():
    assert (
        "positions" not in PLAIN.__sis_state__()
        and "positions" in replace(PLAIN, positions=VARIANTS[0]).__sis_state__()
    )
    assert not any("positions" in name for name in PLAIN.build(quantized=False).state_dict())


@pytest.mark.parametrize("fields", [{"clip": 0}, {"linear": "mapped"}])
def test_positions_that_are_none_are_refused(fields):
    with pytest.raises(InputError, match="RelativePositions"):
        RelativePositions(**fields)


@pytest.mark.parametrize("linear", ["crossbar", "none"])
def test_operations_are_those_that_torch_counts(linear):
    config = replace(PLAIN, positions=RelativePositions(clip=3, linear=linear))
    network, frames = config.build(quantized=False).eval(), torch.tensor([800])
    with FlopCounterMode(display=False) as counter:
        network(torch.randn(1, 800, 80), frames)
    plain = PLAIN.build(quantized=False).eval()
    with FlopCounterMode(display=False) as without:
        plain(torch.randn(1, 800, 80), frames)
    found = config.flops_per_s(8.0) - PLAIN.flops_per_s(8.0)
    assert found == pytest.approx((counter.get_total_flops() - without.get_total_flops()) / 8.0, rel=1e-3)
