import copy

import pytest
import torch
from torch import nn

from memristor_sim import MemristorError, physical, prepare, program
from memristor_sim.crossbar import Crossbar
from memristor_sim.hardware import Adc, Converters, Cycles, Dac, StuckAt, Verify, paper
from memristor_sim.modules.linear import MemristorLinear


class FakeQuantised(nn.Module):
    """A layer with the protocol of fake-quantised ones; tests set what they need."""

    def __init__(self, integers, bits, *, scale=0.01, input_range=2.0):
        super().__init__()
        self.weight = nn.Parameter(integers.float() * scale)
        self.bias = nn.Parameter(torch.arange(float(len(integers))))
        self.output_quantizer = nn.Hardtanh(-50, 50)
        self.integers, self.weight_bits, self.weight_scale, self.input_range = integers, bits, scale, input_range

    def integer_weight(self):
        return self.integers

    def forward(self, x):
        return self.output_quantizer(nn.functional.linear(x, self.weight, self.bias))


def states(model):
    return {name: tensor for name, tensor in model.state_dict().items() if "r_plus" in name or "r_minus" in name}


def plain_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(30, 20), nn.ReLU(), nn.Sequential(nn.Linear(20, 10), nn.Conv1d(4, 4, 3, groups=4)))


def mapped_names(model):
    return {name.removesuffix(".crossbar") for name, module in model.named_modules() if isinstance(module, Crossbar)}


def test_fake_quantised_layers_bring_bits_range_bias_and_output_quantiser():
    integers = torch.randint(-3, 4, (5, 8), generator=torch.Generator().manual_seed(0))
    model = nn.Sequential(FakeQuantised(integers, 3), nn.Linear(5, 2))
    original = copy.deepcopy(model)
    program(model, physical(read_noise=None), 1)
    built = model[0]
    assert mapped_names(model) == {"0"}  # plain layers stay digital beside fake-quantised ones
    assert built.crossbar.mapping.planes == 2 and built.scale.tolist() == pytest.approx([0.01, 2.0])
    assert torch.equal(built.bias, original[0].bias) and isinstance(built.output_quantizer, nn.Hardtanh)
    x = torch.rand(4, 8) * 2
    torch.testing.assert_close(built(x), original[0](x), atol=0.02, rtol=0.02)
    # cells that are set: positive weights on the positive lines, digit by digit
    low = built.crossbar.r_plus[:, 0] < 0.5
    wanted = torch.stack([(integers.clamp(min=0) >> place) & 1 for place in (1, 0)]).transpose(1, 2).bool()
    assert torch.equal(low, wanted)


def test_include_exclude_and_depthwise():
    for changes, names in (
        ({}, {"0", "2.0"}),
        ({"map_depthwise": True}, {"0", "2.0", "2.1"}),
        ({"include": ("2.*",)}, {"2.0"}),
        ({"exclude": ("2.?",)}, {"0"}),
    ):
        assert mapped_names(program(plain_model(), physical(**changes), 0, input_range=1.0)) == names


@pytest.mark.parametrize("changes", [{"include": ("layer*",)}, {"exclude": ("*",)}])
def test_patterns_that_leave_nothing_are_refused(changes):
    with pytest.raises(MemristorError, match="leave none of the model's 3 mappable layers"):
        prepare(plain_model(), physical(**changes))


def test_device_does_not_depend_on_company():
    """Same seed, same conductances, whatever else is programmed, and in whatever chunks."""
    hardware = physical()
    both = states(program(plain_model(), hardware, 7, input_range=1.0))
    alone = states(program(plain_model(), physical(include=("2.0",)), 7, input_range=1.0))
    again = states(program(plain_model(), hardware, 7, input_range=1.0))
    other = states(program(plain_model(), hardware, 8, input_range=1.0))
    assert all(torch.equal(both[name], tensor) for name, tensor in alone.items()) and len(alone) == 2
    assert all(torch.equal(both[name], tensor) for name, tensor in again.items())
    assert not any(torch.equal(both[name], tensor) for name, tensor in other.items())


def test_a_device_of_today_is_the_device_of_tomorrow():
    """Recorded once, never to change: states of the positive line of the most significant plane."""
    layer = nn.Linear(4, 2, bias=False)
    layer.weight.data = torch.tensor([[1.0, -1.0, 0.5, 0.0], [-0.25, 1.0, 0.0, 1.0]])
    crossbar = program(layer, physical(weight_bits=3), 1, input_range=1.0).crossbar
    torch.testing.assert_close(
        crossbar.r_plus[0, 0].float(),
        torch.tensor([[0.0824, 0.8428], [0.8179, 0.1379], [0.1508, 0.8403], [0.8481, 0.1895]]),
        atol=1e-3,
        rtol=0,
    )


@pytest.mark.parametrize("changes", [{}, {"levels": 4}, {"verify": Verify()}], ids=str)
def test_device_does_not_depend_on_threads(changes):
    torch.manual_seed(0)
    layer, before, results = nn.Linear(100, 60), torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        results.append(program(copy.deepcopy(layer), physical(**changes), 1, input_range=1.0).crossbar.r_plus)
    torch.set_num_threads(before)
    assert torch.equal(*results)


def test_device_does_not_depend_on_the_weights_of_other_tiles():
    torch.manual_seed(0)
    layer, changed = nn.Linear(8, 8), nn.Linear(8, 8)
    changed.load_state_dict(layer.state_dict())
    with torch.no_grad():
        layer.weight[0, 0] = changed.weight[0, 0] = 1.0  # the scale of both
        changed.weight[4:] *= 0.5
    hardware = physical(tile_rows=4, tile_columns=4)
    first, second = (program(one, hardware, 1, input_range=1.0).crossbar.r_plus for one in (layer, changed))
    assert torch.equal(first[..., :4], second[..., :4]) and not torch.equal(first, second)


@pytest.mark.parametrize("changes", [{"play_pulses": True}, {"levels": 4}, {"verify": Verify()}], ids=str)
def test_slow_ways_of_writing_are_seeded_and_transfer(changes):
    torch.manual_seed(0)
    layer, x = nn.Linear(40, 30), torch.rand(50, 40) * 2 - 1
    hardware = physical(read_noise=None, conditioning=Cycles(count=2), weight_bits=5, **changes)
    first, second = (program(copy.deepcopy(layer), hardware, 4, calibration=[x]) for _ in range(2))
    assert torch.equal(first.crossbar.r_plus, second.crossbar.r_plus)
    ideal = layer(x).detach()
    assert float((first(x) - ideal).std() / ideal.std()) < 0.4


def test_verified_devices_are_closer():
    torch.manual_seed(0)
    layer, x = nn.Linear(60, 30), torch.rand(50, 60)
    errors = []
    for verify in (None, Verify(tolerance=0.04, rounds=20)):
        built = program(copy.deepcopy(layer), physical(read_noise=None, verify=verify), 4, calibration=[x])
        errors.append(float((built(x) - layer(x).detach()).std()))
    assert errors[1] < 0.8 * errors[0]


def test_stuck_cells():
    layer = nn.Linear(200, 100)
    healthy = program(copy.deepcopy(layer), physical(), 4, input_range=1.0).crossbar.r_plus < 0.5
    faulty = program(copy.deepcopy(layer), physical(stuck_at=StuckAt(low=0.1, high=0.2)), 4, input_range=1.0)
    faulty = faulty.crossbar.r_plus < 0.5
    lost, gained = (healthy & ~faulty).sum() / healthy.sum(), (~healthy & faulty).sum() / (~healthy).sum()
    assert float(lost) == pytest.approx(0.1, abs=0.01) and float(gained) == pytest.approx(0.2, abs=0.01)
    always = program(copy.deepcopy(layer), physical(stuck_at=StuckAt(high=1.0)), 4, input_range=1.0)
    assert bool((always.crossbar.r_plus < 0.5).all())


def test_converters_by_layer():
    own = Converters(pattern="2.*", dac=Dac(bits=5), adc=Adc(precision_bits=1, range_bits=7))
    model = program(plain_model(), physical(converters=(own,)), 0, input_range=1.0)
    assert model[2][0].crossbar.adc == own.adc and model[2][0].crossbar.dac == own.dac
    assert model[0].crossbar.adc == Adc()


def test_bias_can_be_dropped_as_published():
    x = torch.zeros(3, 30)
    layer = plain_model()[0]
    kept, dropped = (
        program(copy.deepcopy(layer), paper(cycles=1, digital_bias=digital), 0, input_range=1.0)
        for digital in (True, False)
    )
    torch.testing.assert_close(kept(x), layer.bias.detach().expand(3, -1), atol=0.05, rtol=0)
    assert dropped.bias is None and float(dropped(x).abs().max()) < 0.05


def test_calibration_observes_the_inputs_of_each_layer():
    model = plain_model()
    del model[2][1]
    x = torch.randn(5, 30)
    hidden = model[1](model[0](x)).detach()
    model.train()
    program(model, physical(), 0, calibration=[x / 2, (x,)])
    assert float(model[0].scale[1]) == pytest.approx(float(x.abs().max()))
    assert float(model[2][0].scale[1]) == pytest.approx(float(hidden.abs().max()))
    assert model.training and model[0].training


def test_ranges_by_name():
    model = program(plain_model(), physical(), 0, input_range={"0": 2.0, "2.0": 5.0})
    assert float(model[0].scale[1]) == 2.0 and float(model[2][0].scale[1]) == 5.0


def test_a_layer_used_twice_is_programmed_once():
    layer = nn.Linear(4, 4)
    model = program(nn.Sequential(layer, nn.ReLU(), layer), physical(), 0, input_range=1.0)
    assert model[0] is model[2] and isinstance(model[0], MemristorLinear)


def test_attention_is_mapped_or_left_as_a_whole():
    model = nn.ModuleDict({"attention": nn.MultiheadAttention(8, 2), "linear": nn.Linear(8, 8)})
    attention = {f"attention.{part}" for part in ("q_proj", "k_proj", "v_proj", "out_proj")}
    for exclude, names in (((), {"linear"} | attention), (("attention",), {"linear"})):
        built = program(copy.deepcopy(model), physical(exclude=exclude), 0, input_range=1.0)
        assert mapped_names(built) == names


def saved(hardware):
    return program(nn.Sequential(nn.Linear(40, 6)), hardware, 0, input_range=1.0).state_dict()


def test_state_of_another_mapping_is_refused():
    for other in (physical(tile_rows=64), physical(weight_bits=4), physical(levels=4)):
        model = prepare(nn.Sequential(nn.Linear(40, 6)), other)
        with pytest.raises(MemristorError, match="'0' was programmed with another mapping") as caught:
            model.load_state_dict(saved(physical()))
        assert "\n" not in str(caught.value)


def test_state_of_an_unprogrammed_model_is_refused():
    model = prepare(nn.Sequential(nn.Linear(40, 6)), physical())
    with pytest.raises(MemristorError, match="not programmed"):
        model.load_state_dict(nn.Sequential(nn.Linear(40, 6)).state_dict())


def test_converters_and_noise_may_change_after_programming():
    model = prepare(nn.Sequential(nn.Linear(40, 6)), paper(cycles=1, adc=Adc(precision_bits=8, range_bits=8)))
    state = saved(physical())
    model.load_state_dict(state)
    assert torch.equal(model[0].crossbar.r_plus, state["0.crossbar.r_plus"])


@pytest.mark.parametrize(
    ("model", "kwargs", "named"),
    [
        (nn.Sequential(FakeQuantised(torch.tensor([[4, 0]]), 3)), {}, "'0' has an integer weight of magnitude 4"),
        (nn.Sequential(FakeQuantised(torch.tensor([[-128, 0]]), 8)), {}, "reach only"),
        (nn.Sequential(FakeQuantised(torch.tensor([[1.0, 0.0]]), 3)), {}, "not integers"),
        (nn.Sequential(FakeQuantised(torch.tensor([[1, 0]]), 3, input_range=0.0)), {}, "input range of layer '0'"),
        (nn.Sequential(nn.Linear(2, 2)), {}, "input range of layer '0' is None"),
        (nn.Sequential(nn.Linear(2, 2)), {"input_range": {"1": 2.0}}, "input range of layer '0'"),
        (nn.Sequential(nn.Linear(2, 2)), {"calibration": [torch.zeros(1, 2)]}, "drove layer '0' with 0.0"),
        (nn.Sequential(nn.Linear(2, 2)), {"calibration": []}, "drove layer '0' with nothing"),
    ],
)
def test_what_cannot_be_mapped_is_named(model, kwargs, named):
    with pytest.raises(MemristorError, match=named) as caught:
        program(model, physical(), 0, **kwargs)
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_finite_are_named():
    layer = nn.Linear(2, 2)
    layer.weight.data[0, 0] = float("nan")
    with pytest.raises(MemristorError, match="weight of layer '0'"):
        program(nn.Sequential(layer), physical(), 0, input_range=1.0)
