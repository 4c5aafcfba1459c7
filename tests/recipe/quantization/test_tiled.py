import pytest
import torch
from torch import nn

import memristor_sim
from memristor_sim.hardware import physical
from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.hardware.spec import ModelSpec
from recipe.quantization.build_model import build_model
from recipe.quantization.calibrate import load_float_state, load_start
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.prepare import prepare
from recipe.quantization.ranges import Lsq
from recipe.quantization.tiled import TiledLinear
from recipe.report.states import crossbar_costs
from recipe.systems import Memristor, Ptq, Qat, device_of
from setups.tiny import tiny
from tests.recipe.training.synthetic import MODEL

MIXED = {"*.tile_0_*": 8, "*.tile_1_*": 6, "*": 4}


def tiled(linear, bits=MIXED, tile=3, **choices):
    config = QuantizationConfig(weight_bits=tuple(bits.items()), tile=tile, **choices)
    return prepare(nn.ModuleDict({"layer": linear}), ("layer",), config)["layer"]


@pytest.fixture
def linear():
    torch.manual_seed(1)
    return nn.Linear(7, 5)


@pytest.fixture
def inputs():
    return torch.randn(4, 6, 7)


def seen(layer, inputs):
    """After it has taken its ranges from the inputs."""
    layer.train()(inputs)
    return layer.eval()


def test_blocks_are_the_parts_of_the_weight_with_bits_by_their_place(linear):
    weight = linear.weight.detach().clone()
    layer = tiled(linear)
    blocks = {name: layer.get_submodule(name) for name, _, _ in layer.places()}
    shapes = {name: (block.out_features, block.in_features) for name, block in blocks.items()}
    assert shapes == {name: tuple(block.weight.shape) for name, block in blocks.items()}
    assert shapes == {
        "tile_0_0": (3, 3),
        "tile_0_1": (2, 3),
        "tile_1_0": (3, 3),
        "tile_1_1": (2, 3),
        "tile_2_0": (3, 1),
        "tile_2_1": (2, 1),
    }
    assert {name: layer.get_submodule(name).weight_bits for name in shapes} == {
        name: {"0": 8, "1": 6, "2": 4}[name.split("_")[1]] for name in shapes
    }
    for name, outputs, columns in layer.places():
        assert torch.equal(layer.get_submodule(name).weight, weight[outputs, columns])


def test_it_computes_the_sum_of_its_blocks_each_rounded_with_its_own_range(linear, inputs):
    layer = seen(tiled(linear), inputs)
    expected = torch.zeros(4, 6, 5)
    for name, outputs, columns in layer.places():
        block = layer.get_submodule(name)
        step = block.weight.detach().abs().max() / (2 ** (block.weight_bits - 1) - 1)
        weight = (block.weight.detach() / step).round() * step
        x = inputs[..., columns]
        x_step = x.abs().max() / 127
        expected[..., outputs] += ((x / x_step).round() * x_step) @ weight.T
    expected += layer.bias.detach()
    y_step = expected.abs().max() / 127
    torch.testing.assert_close(layer(inputs), (expected / y_step).round() * y_step, rtol=0, atol=1.01 * y_step.item())
    assert (layer(inputs) - expected).abs().max() <= 0.51 * y_step


def test_wide_blocks_come_close_to_the_float_layer_and_one_block_is_the_whole_layer(linear, inputs):
    expected = linear(inputs)
    wide = seen(tiled(linear, {"*": 16}, activation_bits=16), inputs)
    torch.testing.assert_close(wide(inputs), expected, rtol=0, atol=2e-3)
    whole = prepare(nn.ModuleDict({"layer": linear}), ("layer",), QuantizationConfig(weight_bits=4))["layer"]
    one = tiled(linear, {"*": 4}, tile=64)
    assert [name for name, _, _ in one.places()] == ["tile_0_0"]
    torch.testing.assert_close(seen(one, inputs)(inputs), seen(whole, inputs)(inputs))


def test_every_block_gets_a_gradient(linear, inputs):
    layer = tiled(linear, weight_range=Lsq(per_column=True)).train()
    layer(inputs).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in layer.parameters())


def test_each_block_is_a_crossbar_of_its_own_and_the_device_computes_the_layer(linear, inputs):
    model = nn.ModuleDict({"layer": seen(tiled(linear), inputs)})
    digital = model["layer"](inputs)
    programmed = memristor_sim.program(model, physical(), 1)["layer"]
    assert {name: programmed.get_submodule(name).crossbar.mapping.planes for name, _, _ in programmed.places()} == {
        "tile_0_0": 7, "tile_0_1": 7, "tile_1_0": 5, "tile_1_1": 5, "tile_2_0": 3, "tile_2_1": 3,
    }  # fmt: skip
    error = (programmed(inputs) - digital).square().mean().sqrt() / digital.square().mean().sqrt()
    assert 0.0 < error < 0.1
    states = [programmed.get_submodule(name).crossbar.r_plus.flatten()[:3] for name, _, _ in programmed.places()]
    assert all(not torch.equal(states[0], other[: len(states[0])]) for other in states[1:])


def test_a_float_checkpoint_is_divided_and_another_one_is_refused(tmp_path):
    torch.manual_seed(0)
    model = build_model(MODEL).eval()
    save_checkpoint(model, tmp_path / "float.pt")
    config = QuantizationConfig(weight_bits=16, activation_bits=16, tile=5)
    for load in (load_float_state, load_start):
        quantized = build_model(MODEL, config).eval()
        load(quantized, str(tmp_path / "float.pt"))
        layer = quantized.blocks[0].feed_forward1.linear_in
        assert isinstance(layer, TiledLinear)
        whole = model.blocks[0].feed_forward1.linear_in.weight
        for name, outputs, inputs in layer.places():
            assert torch.equal(layer.get_submodule(name).weight, whole[outputs, inputs])
    save_checkpoint(build_model(MODEL, QuantizationConfig(weight_bits=16)), tmp_path / "quantized.pt")
    with pytest.raises(InputError, match="does not fit"):
        load_float_state(build_model(MODEL, config), str(tmp_path / "quantized.pt"))


def test_crossbars_of_a_mixture_are_between_those_of_its_widths():
    def crossbars(bits):
        pairs = tuple(bits.items())
        spec = ModelSpec(
            model=MODEL, quantization=QuantizationConfig(weight_bits=pairs, tile=5), hardware=physical(tile_rows=5)
        )
        return crossbar_costs(spec)["crossbars"]

    assert crossbars({"*": 4}) < crossbars(MIXED) < crossbars({"*": 8})


def test_names_say_the_blocks_and_bad_ones_are_refused():
    system = Qat(MIXED, {"tile": 128})
    assert system.row.startswith("8+6+4.") and system.row.endswith(" tile=128")
    assert isinstance(device_of(system, 1, physical()), Memristor)
    for kind in (Qat, Ptq):
        with pytest.raises(InputError, match=r"bits for blocks of layers, '\*.tile_0_\*', but layers are whole; add"):
            kind(MIXED).quantization(tiny())
        assert kind(MIXED, {"tile": 128}).quantization(tiny()).tile == 128
    for side in (0, -1, 1.5, True):
        with pytest.raises(InputError, match="tile is .*; give the side of a block, such as 128, or None"):
            QuantizationConfig(weight_bits=4, tile=side)
