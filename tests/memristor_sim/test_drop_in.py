"""What replaces a layer can be used as the layer was, by code that knows nothing of crossbars."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import distributed, nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from memristor_sim import MemristorError, physical, prepare, program
from memristor_sim.crossbar import Crossbar

QUIET = physical(read_noise=None, map_depthwise=True)
LAYERS = {
    "linear": (nn.Linear(12, 7), (3, 12)),
    "conv1d": (nn.Conv1d(6, 8, 3, stride=2, padding=1, groups=2), (2, 6, 11)),
    "conv2d": (nn.Conv2d(3, 4, (3, 2), padding="same"), (2, 3, 6, 5)),
    "conv3d": (nn.Conv3d(2, 4, 2, dilation=(1, 2, 1)), (2, 2, 4, 5, 4)),
    "conv_transpose": (nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), (2, 4, 5, 4)),
    "lstm": (nn.LSTM(6, 9, 2, bidirectional=True), (5, 2, 6)),
    "gru_cell": (nn.GRUCell(6, 9), (4, 6)),
    "rnn": (nn.RNN(6, 9, nonlinearity="relu"), (5, 2, 6)),
    "attention": (nn.MultiheadAttention(8, 2, batch_first=True), (2, 5, 8)),
}


def arguments(layer, x):
    return (x, x, x) if isinstance(layer, nn.MultiheadAttention) else (x,)


def programmed(name, hardware=QUIET, seed=0):
    layer, shape = LAYERS[name]
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    return layer, program(copy.deepcopy(layer), hardware, seed, calibration=[arguments(layer, x)]), x


def first(result):
    return result[0] if isinstance(result, tuple) else result


def parameters(layer):
    """Weights and biases by the names that code finds them under; an output projection is a layer of its own."""
    return dict(layer.named_parameters())


@pytest.mark.parametrize("name", LAYERS)
def test_public_attributes_are_those_of_the_layer(name):
    layer, built, _ = programmed(name)
    wanted = {k: v for k, v in vars(layer).items() if not k.startswith("_")}
    assert {k: getattr(built, k) for k in wanted} == wanted and len(wanted) > 2


@pytest.mark.parametrize("name", LAYERS)
def test_weights_are_where_they_were_and_close_to_what_they_were(name):
    layer, built, _ = programmed(name)
    for key, wanted in parameters(layer).items():
        owner, _, attribute = key.rpartition(".")
        found = getattr(built.get_submodule(owner), attribute)
        assert found.shape == wanted.shape and found.dtype == wanted.dtype, key
        if "weight" in key:
            assert not torch.equal(found, wanted)
            assert np.corrcoef(found.flatten().numpy(), wanted.detach().flatten().numpy())[0, 1] > 0.98, key
        else:
            assert torch.equal(found, wanted), key


def test_the_effective_weight_is_what_the_layer_computes_on_average():
    layer, built, _ = programmed("linear")
    x = torch.rand(4000, 12, generator=torch.Generator().manual_seed(2)) * 4 - 2
    fitted = torch.linalg.lstsq(torch.cat([x, torch.ones(len(x), 1)], 1), built(x)).solution
    torch.testing.assert_close(fitted[:-1].T, built.weight, atol=0.006, rtol=0.02)
    assert float((fitted[:-1].T - built.weight).norm()) < 0.3 * float((layer.weight.detach() - built.weight).norm())


@pytest.mark.parametrize("name", LAYERS)
def test_input_may_be_a_keyword_and_unbatched(name):
    layer, built, x = programmed(name)
    if name == "attention":
        same = built(query=x, key=x, value=x, need_weights=False)
        one = built(x[0], x[0], x[0])[0]
    else:
        same, one = built(input=x), first(built(x[:, 0] if name in ("lstm", "rnn") else x[0]))
    whole = first(built(*arguments(layer, x)))
    # currents at half a step are rounded by the order of sums
    torch.testing.assert_close(first(same), whole, atol=0.1, rtol=0)
    torch.testing.assert_close(one, whole[:, 0] if name in ("lstm", "rnn") else whole[0], atol=0.1, rtol=0)


@pytest.mark.parametrize("cell", [nn.LSTM, nn.GRU, nn.RNN])
@pytest.mark.parametrize("in_order", [True, False])
def test_a_packed_sequence_gives_what_each_of_its_sequences_gives_alone(cell, in_order):
    torch.manual_seed(0)
    layer = cell(6, 9, num_layers=2, bidirectional=True)
    sequences = [torch.randn(length, 6) for length in ([7, 5, 5, 1] if in_order else [5, 1, 7, 5])]
    start = torch.randn(4, 4, 9).tanh()
    state = (start, start.flip(0)) if cell is nn.LSTM else start
    packed = pack_sequence(sequences, enforce_sorted=in_order)
    built = program(copy.deepcopy(layer), QUIET, 0, calibration=[packed])
    y, last = built(packed, state)
    wanted, wanted_last = layer(packed, state)
    assert torch.equal(y.batch_sizes, wanted.batch_sizes)
    padded, lengths = pad_packed_sequence(y)
    close = dict(atol=0.04, rtol=0)
    for index, (sequence, length) in enumerate(zip(sequences, lengths.tolist(), strict=True)):
        own = (start[:, index], start.flip(0)[:, index]) if cell is nn.LSTM else start[:, index]
        alone, alone_last = built(sequence, own)
        torch.testing.assert_close(padded[:length, index], alone, **close)
        torch.testing.assert_close(first(last)[:, index], first(alone_last), **close)
    assert np.corrcoef(y.data.flatten(), wanted.data.detach().flatten())[0, 1] > 0.97
    assert np.corrcoef(first(last).flatten(), first(wanted_last).detach().flatten())[0, 1] > 0.97


@pytest.mark.parametrize("name", LAYERS)
def test_biases_and_modules_keep_their_places_in_the_state_dict(name):
    """Of recurrent layers, biases are beside their crossbars."""
    layer, built, _ = programmed(name)
    if not isinstance(layer, nn.RNNBase | nn.RNNCellBase):
        assert {key for key in layer.state_dict() if "bias" in key} <= set(built.state_dict())
    model = nn.ModuleDict({"before": nn.LayerNorm(3), "layer": copy.deepcopy(layer), "after": nn.LayerNorm(3)})
    order = [key.split(".")[0] for key in program(model, QUIET, 0, input_range=1.0).state_dict()]
    assert sorted(order, key=["before", "layer", "after"].index) == order and "layer" in order


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("change", [nn.Module.half, nn.Module.bfloat16, nn.Module.double])
def test_a_change_of_dtype_leaves_the_device_as_it_is(name, change):
    _, built, _ = programmed(name)
    before = {key: value.clone() for key, value in built.named_buffers()}
    weights = [part.weight.dtype for part in built.modules() if hasattr(type(part), "weight")]
    change(built)
    for key, value in built.named_buffers():
        assert value.dtype == before[key].dtype and torch.equal(value, before[key]), key
    assert len(set(weights)) == 1
    assert {part.weight.dtype for part in built.modules() if hasattr(type(part), "weight")} != set(weights)
    parts = [part for part in built.parameters()]
    assert parts and all(part.dtype != torch.float32 for part in parts)


@pytest.mark.parametrize("name", LAYERS)
def test_copies_and_pickles_compute_the_same(name):
    layer, built, x = programmed(name, physical(map_depthwise=True))
    results = []
    for model in (built, copy.deepcopy(built), pickle.loads(pickle.dumps(built))):
        torch.manual_seed(0)
        results.append(first(model(*arguments(layer, x))))
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(10, 10), nn.ReLU(), nn.Linear(10, 10))
        self.module = nn.Linear(10, 4)  # a name that wrappers use

    def forward(self, x):
        return self.module(x + self.encoder(x))


def device(model):
    return {crossbar.name: crossbar.r_plus for crossbar in model.modules() if isinstance(crossbar, Crossbar)}


@pytest.mark.parametrize(
    "wrap",
    [
        nn.DataParallel,
        torch.compile,
        torch.optim.swa_utils.AveragedModel,
        lambda model: torch.compile(nn.DataParallel(torch.compile(model))),
    ],
)
def test_wrappers_do_not_change_the_device(wrap):
    torch.manual_seed(0)
    model, x = Residual(), torch.randn(5, 10)
    plain = device(program(copy.deepcopy(model), QUIET, 1, calibration=[x]))
    wrapped = device(program(wrap(copy.deepcopy(model)), QUIET, 1, calibration=[x]))
    assert set(plain) == set(wrapped) == {"encoder.0", "encoder.2", "module"}
    assert all(torch.equal(plain[name], wrapped[name]) for name in plain)


@pytest.fixture
def one_process(tmp_path):
    """A process group of this process alone."""
    distributed.init_process_group("gloo", init_method=f"file://{tmp_path / 'group'}", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def test_a_distributed_model_is_the_device_of_the_bare_one(one_process):
    torch.manual_seed(0)
    model, x = Residual(), torch.randn(5, 10)
    bare = program(copy.deepcopy(model), QUIET, 1, calibration=[x])
    spread = program(nn.parallel.DistributedDataParallel(copy.deepcopy(model)), QUIET, 1, calibration=[x])
    plain, wrapped = device(bare), device(spread)
    assert set(plain) == set(wrapped) == {"encoder.0", "encoder.2", "module"}
    assert all(torch.equal(plain[name], wrapped[name]) for name in plain)
    with torch.no_grad():
        assert torch.equal(spread(x), bare(x))


def test_a_part_under_its_name_is_the_device_that_it_is_in_the_whole():
    torch.manual_seed(0)
    model = Residual()
    whole = device(program(copy.deepcopy(model), QUIET, 1, input_range=2.0))
    hardware = physical(read_noise=None, exclude=("encoder.2",))
    part = device(program(copy.deepcopy(model).encoder, hardware, 1, input_range=2.0, name="encoder"))
    assert list(part) == ["encoder.0"] and torch.equal(part["encoder.0"], whole["encoder.0"])


ENCODERS = {
    "encoder": lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2),
    "norm first": lambda: nn.TransformerEncoder(
        nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True), 2, enable_nested_tensor=False
    ),
    "layer": lambda: nn.TransformerEncoderLayer(16, 4, 32, activation="gelu", batch_first=True),
}


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("exclude", [(), ("*self_attn",), ("*linear1",)])
def test_an_encoder_of_torch_in_evaluation_mode_computes_on_its_crossbars(name, exclude):
    """Its fast paths would compute with the effective weights instead, without converters or noise."""
    torch.manual_seed(0)
    model, x = ENCODERS[name]().eval(), torch.randn(3, 6, 16)
    padding = torch.arange(6) >= torch.tensor([[6], [4], [3]])
    built = program(copy.deepcopy(model), physical(exclude=exclude), 0, calibration=[x])
    with torch.no_grad():
        wanted, found, again = (one(x, src_key_padding_mask=padding)[~padding] for one in (model, built, built))
    assert not torch.equal(found, again)  # read noise
    assert np.corrcoef(wanted.flatten(), found.flatten())[0, 1] > 0.97


def test_nn_transformer_runs():
    torch.manual_seed(0)
    model = nn.Transformer(16, 2, 1, 1, 32, batch_first=True).eval()
    source, target = torch.randn(2, 7, 16), torch.randn(2, 5, 16)
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    call = {"src": source, "tgt": target, "tgt_mask": mask, "tgt_is_causal": True}
    wanted = model(**call).detach()
    built = program(copy.deepcopy(model), QUIET, 0, calibration=[call])
    assert np.corrcoef(wanted.flatten(), built(**call).detach().flatten())[0, 1] > 0.97


def test_calibration_takes_what_the_model_takes():
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x, *, factor=1.0):
            return self.layer(input=factor * x)

    x = torch.tensor([[0.5, -1.0, 0.0, 0.25]])
    calls = [x], [(x,)], [{"x": x, "factor": 3.0}], [((x,), {"factor": 2.0})], lambda model: model(5 * x)
    ranges = [float(program(Scaled(), QUIET, 0, calibration=call).layer.scale[1]) for call in calls]
    assert ranges == [1.0, 1.0, 3.0, 2.0, 5.0]


def test_calibration_leaves_the_model_in_its_mode_whatever_happens():
    model = nn.Sequential(nn.Linear(4, 3), nn.Dropout())
    with pytest.raises(RuntimeError):
        program(model, QUIET, 0, calibration=[torch.randn(2, 5)])
    assert model.training and model[1].training and not model[0]._forward_pre_hooks


def test_hooks_of_a_layer_stay():
    model, seen = nn.Sequential(nn.Linear(4, 3)), []
    model[0].register_forward_pre_hook(lambda _, args: seen.append("before"))
    model[0].register_forward_hook(lambda _, args, kwargs, y: seen.append(sorted(kwargs)), with_kwargs=True)
    program(model, QUIET, 0, input_range=1.0)[0](input=torch.randn(2, 4))
    assert seen == ["before", ["input"]]


@pytest.mark.parametrize("seed", [1.0, "1", None, True, [1]])
def test_a_seed_is_an_integer(seed):
    with pytest.raises(MemristorError, match="device_seed is .*: give an integer"):
        program(nn.Linear(3, 2), QUIET, seed, input_range=1.0)


def test_integers_of_numpy_are_seeds():
    layer = nn.Linear(3, 2)
    built = [program(copy.deepcopy(layer), QUIET, seed, input_range=1.0).crossbar.r_plus for seed in (3, np.int64(3))]
    assert torch.equal(*built)


def test_a_model_that_was_prepared_but_never_loaded_says_so():
    model = prepare(nn.Sequential(nn.Linear(3, 2)), QUIET)
    with pytest.raises(MemristorError, match="'0' was prepared, but never programmed") as caught:
        model(torch.ones(1, 3))
    assert "\n" not in str(caught.value)


def test_a_model_that_is_on_crossbars_says_so():
    model = program(nn.Sequential(nn.Linear(3, 2)), QUIET, 0, input_range=1.0)
    for again in (lambda: program(model, QUIET, 1, input_range=1.0), lambda: prepare(model, QUIET)):
        with pytest.raises(MemristorError, match="on crossbars already"):
            again()
