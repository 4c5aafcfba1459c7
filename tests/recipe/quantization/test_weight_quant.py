"""Rules for the ranges of weights: against their definitions, against torch's learnable quantiser, and on hardware."""

import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import memristor_sim
from memristor_sim.cost import model_costs
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.models.conformer import small_conformer
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.fake_quant import FakeQuantize
from recipe.quantization.layers import QuantizedConv1d, QuantizedConv2d, QuantizedLinear, QuantizedLstm
from recipe.quantization.ranges import Lsq, MseClip, RunningMaximum, SigmaClip
from recipe.quantization.weight_quant import LearnedQuantize, input_quantizer, weight_quantizer

RULES = [kind(per_column=on) for kind in (RunningMaximum, Lsq, SigmaClip, MseClip) for on in (False, True)]


def weights(seed: int = 0, outputs: int = 6) -> torch.Tensor:
    """Columns of very different magnitudes, with outliers."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(outputs, 200, generator=generator) * 2.0 ** torch.arange(outputs)[:, None]
    x[:, 0] *= 8
    return x


def made(rule, bits: int = 3, **changes):
    config = QuantizationConfig(weight_bits=bits, weight_range=rule, **changes)
    return weight_quantizer(bits, weights(), config).train()


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_integers_times_scale_are_what_evaluation_computes(rule):
    quantizer, x = made(rule), weights()
    quantizer(x)
    quantizer.eval()
    integers = quantizer.integers(x)
    assert integers.abs().max() == 3 and torch.equal(quantizer(x), quantizer.scale * integers)
    assert quantizer.range.shape == ((6, 1) if rule.per_column else ())


@given(seed=st.integers(0, 1000), bits=st.integers(2, 8))
@settings(max_examples=20, deadline=None)
def test_the_published_rule_gives_the_bits_of_the_plain_quantiser(seed, bits):
    mine, plain = made(RunningMaximum(), bits), FakeQuantize(bits).train()
    for one in (seed, seed + 1):
        x = weights(one)
        assert torch.equal(mine(x), plain(x))
    assert torch.equal(mine.eval()(2 * x), plain.eval()(2 * x))


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_per_column_is_each_column_alone(rule):
    if not rule.per_column:
        return
    x = weights()
    together = made(rule)(x)
    for column, found in zip(x, together, strict=True):
        alone = weight_quantizer(3, column[None], QuantizationConfig(weight_bits=3, weight_range=rule)).train()
        torch.testing.assert_close(found[None], alone(column[None]))


def test_sigma_clips_at_a_multiple_of_the_root_mean_square_and_follows_the_weights():
    quantizer, x = made(SigmaClip(sigmas=2.0)), weights()
    quantizer(x)
    assert quantizer.reach == pytest.approx(2 * x.square().mean().sqrt().item())
    quantizer(x / 4)
    assert quantizer.reach == pytest.approx(0.5 * x.square().mean().sqrt().item())


@pytest.mark.parametrize("per_column", [False, True])
def test_least_squares_is_not_worse_than_any_other_range_near_it(per_column):
    quantizer, x = made(MseClip(per_column=per_column)), weights()
    for _ in range(20):
        found = (quantizer(x) - x).square().sum()
    reach = quantizer.reach
    for factor in (0.6, 0.8, 0.95, 1.05, 1.3, 2.0):
        step = reach * factor / 3
        assert ((x / step).round().clamp(-3, 3) * step - x).square().sum() > 0.999 * found
    assert found < (made(RunningMaximum(per_column=per_column))(x) - x).square().sum()


def test_least_squares_follows_shrinking_weights():
    quantizer, x = made(MseClip()), weights()
    quantizer(x)
    first = quantizer.reach.clone()
    for step in range(60):
        quantizer(x * 0.995**step)
    assert quantizer.reach == pytest.approx(first.item() * 0.995**59, rel=0.05)


@given(seed=st.integers(0, 1000), per_column=st.booleans())
@settings(max_examples=8, deadline=None)
def test_the_gradients_of_the_learned_step_are_those_of_torchs_operator(seed, per_column):
    quantizer, x = made(Lsq(per_column=per_column)), weights(seed)
    quantizer(x)
    # torch takes what rounds to the outermost level for not clipped, the paper what is below it
    x = torch.where((x / quantizer.scale).abs() > 2.999, 2 * x, x).detach().requires_grad_()
    grad = torch.randn(x.shape, generator=torch.Generator().manual_seed(seed))
    y = quantizer(x)
    y.backward(grad)
    scale = quantizer.scale.detach().flatten().requires_grad_()
    other, zero = x.detach().clone().requires_grad_(), torch.zeros(scale.shape)
    count = x.shape[1] if per_column else x.numel()
    options = (-3, 3, 1 / math.sqrt(3 * count))
    if per_column:
        wanted = torch._fake_quantize_learnable_per_channel_affine(other, scale, zero, 0, *options)
    else:
        wanted = torch._fake_quantize_learnable_per_tensor_affine(other, scale, zero, *options)
    wanted.backward(grad)
    torch.testing.assert_close(y, wanted)
    torch.testing.assert_close(x.grad, other.grad)
    by_log = (scale.grad * scale.detach()).view(quantizer.log_factor.shape)  # torch's is by the step itself
    torch.testing.assert_close(quantizer.log_factor.grad, by_log, rtol=1e-3, atol=1e-5)


def test_a_learned_step_goes_where_the_error_is_small():
    quantizer, x = made(Lsq()), weights()
    quantizer(x)
    optimizer = torch.optim.Adam([quantizer.log_factor], lr=0.02)
    errors = []
    for _ in range(200):
        loss = (quantizer(x) - x).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    assert errors[-1] < 0.9 * errors[0] and errors[-1] < 1.02 * (made(MseClip())(x) - x).square().mean()


def test_a_learned_input_range_starts_with_the_first_batch_and_is_what_hardware_reads():
    config = QuantizationConfig(weight_bits=3, input_range=Lsq())
    layer, x = QuantizedLinear(nn.Linear(200, 4), 3, 8, config).train(), weights()
    layer(x)
    first = layer.input_range
    assert first == pytest.approx(2 * x.abs().mean().item() * math.sqrt(127), rel=1e-5)
    layer(5 * x).sum().backward()
    assert layer.input_range == first and layer.input_quantizer.log_factor.grad != 0
    again = input_quantizer(8, config)
    again.load_state_dict(layer.input_quantizer.state_dict())
    again.train()(5 * x)
    assert float(again.reach) == first  # a resumed training starts no second time


@pytest.mark.parametrize(("bits", "levels", "planes"), [(2, 3, 1), (3, 5, 2), (3, 7, 2), (4, 9, 3), (4, 15, 3)])
def test_levels_are_counted_and_have_the_planes_of_their_bits(bits, levels, planes):
    config = QuantizationConfig(weight_bits=bits, levels=levels)
    quantizer = weight_quantizer(bits, weights(), config).train()
    quantizer(weights())
    assert quantizer.integers(weights()).abs().max() == (levels - 1) // 2
    assert config.planes == planes == physical().planes(bits)
    top = (levels - 1) // 2
    assert top.bit_length() == planes  # no plane is empty


@pytest.mark.parametrize(("bits", "levels"), [(3, 4), (3, 3), (3, 9), (2, 2), ((("*", 3),), 5)])
def test_other_numbers_of_levels_are_refused(bits, levels):
    with pytest.raises(InputError, match="levels"):
        QuantizationConfig(weight_bits=bits, levels=levels)


def test_pruned_weights_are_zero_on_hardware_as_well_and_keep_their_gradient():
    quantizer, x = made(RunningMaximum(per_column=True), 8, pruning_threshold=1.0), weights().requires_grad_()
    y = quantizer(x)
    y.sum().backward()
    small = x.detach().abs() < 1.0
    assert small.any() and (y[small] == 0).all() and (quantizer.integers(x)[small] == 0).all()
    assert (x.grad == 1).all()


def test_weight_dropout_is_for_training_alone_and_keeps_the_mean():
    torch.manual_seed(0)
    quantizer, x = made(RunningMaximum(), 8, weight_dropout=0.25), weights()
    dropped = quantizer(x)
    kept = (dropped != 0) & (quantizer.eval()(x) != 0)
    torch.testing.assert_close(dropped[kept], (quantizer(x) / 0.75)[kept])
    assert kept.sum() / (quantizer(x) != 0).sum() == pytest.approx(0.75, abs=0.05)


def test_inputs_have_no_columns():
    with pytest.raises(InputError, match="input_range"):
        QuantizationConfig(weight_bits=3, input_range=Lsq(per_column=True))


CASES = {
    "linear": (lambda: nn.Linear(40, 7), QuantizedLinear, (50, 40)),
    "conv": (lambda: nn.Conv1d(6, 8, 5, groups=2), QuantizedConv1d, (3, 6, 40)),
    "image": (lambda: nn.Conv2d(3, 6, 3, padding=1), QuantizedConv2d, (3, 3, 9, 8)),
    "lstm": (lambda: nn.LSTM(12, 5, batch_first=True), QuantizedLstm, (3, 12, 12)),
}


@pytest.mark.parametrize("rule", [Lsq(per_column=True), MseClip(per_column=True)], ids=str)
@pytest.mark.parametrize("case", CASES)
def test_a_device_computes_with_the_scales_of_its_columns(case, rule, tmp_path):
    torch.manual_seed(1)
    make, quantized, shape = CASES[case]
    layer = make()
    for name, parameter in layer.named_parameters():
        if "weight" in name:
            parameter.data *= 3.0 ** torch.arange(len(parameter)).view(-1, *[1] * (parameter.dim() - 1)).sub(3).div(2)
    config = QuantizationConfig(weight_bits=4, weight_range=rule)
    model = nn.Sequential(quantized(layer, 4, 8, config)).train()
    x = torch.randn(shape)
    model(x)
    model.eval()
    hardware = physical(read_noise=None)
    factors = model_costs(model, hardware)[-1].output_factors
    assert factors == {"linear": 7, "conv": 8, "image": 6, "lstm": 2 * 4 * 5}[case]  # one for each column
    device = memristor_sim.program(copy.deepcopy(model), hardware, 1)
    empty = memristor_sim.prepare(copy.deepcopy(model), hardware)
    empty.load_state_dict(device.state_dict())  # a device from its file has the same scales
    with torch.no_grad():
        wanted, found, loaded = (one(x) for one in (model, device, empty.eval()))
    if case == "lstm":
        wanted, found, loaded = wanted[0], found[0], loaded[0]
    assert torch.equal(found, loaded)
    axes = [axis for axis in range(wanted.dim()) if axis != (1 if case in ("conv", "image") else wanted.dim() - 1)]
    error, size = ((found - wanted).square().sum(axes), wanted.square().sum(axes))
    assert (error / size).max() < (0.4 if case == "lstm" else 0.1)  # of each column, however small its weights are


@pytest.mark.parametrize("rule", [Lsq(), SigmaClip(per_column=True)], ids=str)
def test_an_averaged_or_stored_model_needs_no_more_than_its_state(rule):
    config = QuantizationConfig(weight_bits=3, weight_range=rule, input_range=Lsq())
    model = small_conformer(9, num_blocks=1, model_dim=16)
    torch.manual_seed(0)
    network = build_model(model, config).train()
    features, lengths = torch.randn(2, 80, 80), torch.tensor([80, 60])
    network(features, lengths)[0].sum().backward()
    other = build_model(model, config).eval()
    other.load_state_dict(network.state_dict())
    assert torch.equal(network.eval()(features, lengths)[0], other(features, lengths)[0])
    assert any(isinstance(one, LearnedQuantize) for one in other.modules())


@pytest.mark.parametrize("bits", [8, 6, 5, 4])
def test_activations_of_fewer_bits_are_a_choice_that_trains_and_is_programmed(bits):
    config = QuantizationConfig(weight_bits=3, activation_bits=bits)
    torch.manual_seed(0)
    network = build_model(small_conformer(9, num_blocks=1, model_dim=16), config).train()
    features, lengths = torch.randn(2, 80, 80), torch.tensor([80, 60])
    network(features, lengths)[0].sum().backward()
    layer = network.get_submodule("blocks.0.feed_forward1.linear_in")
    assert len(layer.input_quantizer.eval()(torch.linspace(-9, 9, 999)).unique()) == 2**bits - 1
    assert layer.weight.grad.isfinite().all()
    device = memristor_sim.program(network.eval(), physical(), 1)
    assert device(features, lengths)[0].isfinite().all()
