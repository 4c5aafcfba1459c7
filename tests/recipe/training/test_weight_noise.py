"""Noise in training against devices that are really programmed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from memristor_sim.cells.measured_levels import EXAMPLE, MeasuredLevels
from memristor_sim.coding import Positional, Unary
from memristor_sim.components import Drift, StuckAt, Verify, Wires
from memristor_sim.crossbar import Crossbar
from memristor_sim.hardware import physical
from memristor_sim.linear_crossbar import LinearCrossbar
from memristor_sim.mapping import mapping_of
from memristor_sim.placing import converters_of
from memristor_sim.programming import program_states
from recipe.errors import InputError
from recipe.models.conformer import small_conformer
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.layers import QuantizedLinear
from recipe.quantization.weight_quant import FittedQuantize
from recipe.training.options import DeviceNoise, GaussianNoise
from recipe.training.weight_noise import NoiseControl, level_errors

HARDWARE = {
    "physical": physical(),
    "four levels": physical(levels=4),
    "faults": physical(stuck_at=StuckAt(low=0.02, high=0.01)),
    "other cell": physical(cell=MeasuredLevels.from_csv(EXAMPLE)),
    "unary": physical(coding=Unary()),
    "copies": physical(coding=Positional(copies=2)),
    "verified": physical(verify=Verify()),
    "aged": physical(drift=Drift(relaxation_s=1e5, exponent=0.05), age_s=1e4),
}


def programmed_errors(hardware, bits: int, quant_max: int, each: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of programmed minus wanted, by level, of arrays written cell by cell."""
    levels = np.arange(-quant_max, quant_max + 1)
    weight = np.tile(levels, (each, 1))[None].astype(np.int32)
    mapping = mapping_of("LinearCrossbar", weight.shape, bits, hardware)
    crossbar = LinearCrossbar(mapping, converters=converters_of(("",), hardware), hardware=hardware, name="")
    crossbar.write(*program_states(weight, mapping, hardware, 7, "a layer"))
    error = crossbar.effective_weight()[0].numpy() - levels
    return error.mean(0), error.std(0)


@pytest.mark.parametrize("bits, quant_max", [(2, 1), (3, 3), (4, 5)])
@pytest.mark.parametrize("name", HARDWARE)
def test_mean_and_spread_of_each_level_are_those_of_programmed_arrays(name, bits, quant_max):
    if name == "four levels" and bits != 3:
        return  # written pulse by pulse: slow
    hardware, each = HARDWARE[name], 400 if name == "four levels" else 4000
    found = level_errors(DeviceNoise(hardware=hardware, cells=each * 4), bits, quant_max)
    mean, spread = programmed_errors(hardware, bits, quant_max, each)
    assert spread.min() > 0.01
    standard_error = spread / np.sqrt(each)
    assert (np.abs(found.mean.numpy() - mean) < 5 * standard_error).all()
    np.testing.assert_allclose(found.std.numpy(), spread, rtol=5 / np.sqrt(each) * 2)


def noisy_layer(noise, **changes):
    torch.manual_seed(0)
    config = QuantizationConfig(weight_bits=3, **changes)
    model = nn.Sequential(QuantizedLinear(nn.Linear(500, 40, bias=False), 3, 8, config)).train()
    model(torch.randn(2, 500))
    return model, NoiseControl(model, noise, num_sub_epochs=6)


def errors_of(model) -> tuple[torch.Tensor, torch.Tensor]:
    """Errors of the weights of one step, in levels, and their levels."""
    layer = model[0]
    quantizer = layer.weight_quantizer
    level = quantizer.integers(layer.weight)
    return quantizer(layer.weight).detach() / quantizer.scale - level, level


def test_what_training_draws_has_the_table_of_devices_and_is_drawn_anew():
    model, control = noisy_layer(DeviceNoise())
    control.start_step(6)
    first, level = errors_of(model)
    second, _ = errors_of(model)
    assert not torch.equal(first, second)
    table = model[0].weight_quantizer.noise.errors
    for value in level.unique().tolist():
        drawn, count = torch.cat([first[level == value], second[level == value]]), 2 * int((level == value).sum())
        if count > 100:
            assert drawn.std() == pytest.approx(table.std[value + 3].item(), rel=5 / count**0.5)
            wanted = table.mean[value + 3].item()
            assert drawn.mean() == pytest.approx(wanted, abs=5 * drawn.std().item() / count**0.5)
    model.eval()
    assert errors_of(model)[0].abs().max() < 1e-5  # no noise where a model is evaluated


def test_a_seed_decides_the_cells_that_the_table_is_made_of():
    tables = [level_errors(DeviceNoise(cells=1600, seed=seed), 3, 3).mean for seed in (1, 1, 2)]
    assert torch.equal(tables[0], tables[1]) and not torch.equal(tables[0], tables[2])


def test_a_fixed_factor_of_the_spread_is_taken_as_it_is():
    _, control = noisy_layer(DeviceNoise(spread=(2.0, 2.0)))
    control.start_step(control.num_sub_epochs)
    assert (control.mean, control.spread) == (1.0, 2.0)


def test_noise_passes_the_gradient_straight_through():
    model, control = noisy_layer(DeviceNoise())
    control.start_step(6)
    weight = model[0].weight
    model[0].weight_quantizer(weight).backward(torch.full(weight.shape, 2.0))
    assert torch.equal(weight.grad, torch.full(weight.shape, 2.0))


def test_noise_grows_over_the_ramp_and_its_spread_is_drawn_from_the_range():
    model, control = noisy_layer(DeviceNoise(ramp=0.5))
    strengths = []
    for sub_epoch in range(1, 7):
        control.start_step(sub_epoch)
        strengths.append((control.mean, control.spread))
    assert strengths == [(1 / 3, 1 / 3), (2 / 3, 2 / 3), *[(1.0, 1.0)] * 4]
    _, control = noisy_layer(DeviceNoise(spread=(0.5, 2.0)))
    drawn = []
    for _ in range(200):
        control.start_step(6)
        drawn.append(control.spread)
    assert 0.5 <= min(drawn) < 0.6 and 1.9 < max(drawn) <= 2.0 and control.mean == 1


@given(bits=st.integers(2, 5))
def test_gaussian_noise_per_plane_adds_up_over_planes(bits):
    layer = QuantizedLinear(nn.Linear(400, 100, bias=False), bits, 8, QuantizationConfig(weight_bits=bits)).train()
    model = nn.Sequential(layer)
    model(torch.randn(2, 400))
    NoiseControl(model, GaussianNoise(per_plane=0.05), 1).start_step(1)
    error = errors_of(model)[0]
    wanted = 0.05 * np.sqrt(2 * sum(4**plane for plane in range(bits - 1)))
    assert error.std() == pytest.approx(wanted, rel=0.02) and abs(error.mean()) < 0.02 * wanted


def test_gaussian_noise_of_the_columns_maximum_is_that_of_each_output():
    model, control = noisy_layer(GaussianNoise(of_column_maximum=0.03))
    control.start_step(1)
    model[0].weight.data[:20] /= 3  # one level at most
    error, level = errors_of(model)
    for rows in (slice(0, 20), slice(20, 40)):
        wanted = 0.03 * level[rows].abs().amax(1).float().square().mean().sqrt()
        assert error[rows].std() == pytest.approx(wanted.item(), rel=0.05)


def test_only_weights_that_go_onto_crossbars_are_disturbed():
    network = build_model(small_conformer(9, num_blocks=1, model_dim=16), QuantizationConfig(weight_bits=3))
    NoiseControl(network, DeviceNoise(cells=100, hardware=physical(exclude=("*.attention.*",))), 1)
    noisy = {
        name.removesuffix(".weight_quantizer")
        for name, part in network.named_modules()
        if isinstance(part, FittedQuantize) and part.noise is not None
    }
    mapped = {f"feed_forward{n}.linear_{end}" for n in (1, 2) for end in ("in", "out")}
    mapped |= {"convolution.pointwise_in", "convolution.pointwise_out"}
    assert noisy == {f"blocks.0.{name}" for name in mapped}
    assert not any(isinstance(one, Crossbar) for one in network.modules())


@pytest.mark.parametrize(
    "make",
    [
        lambda: DeviceNoise(spread=(2, 1)),
        lambda: DeviceNoise(ramp=1.5),
        lambda: DeviceNoise(cells=1),
        lambda: DeviceNoise(hardware=physical(wires=Wires(segment_ohm=1.0))),
        lambda: GaussianNoise(),
        lambda: GaussianNoise(per_plane=0.1, of_column_maximum=0.1),
        lambda: GaussianNoise(per_plane=-1.0),
    ],
)
def test_noise_that_is_none_is_refused(make):
    with pytest.raises(InputError, match="Noise"):
        make()
