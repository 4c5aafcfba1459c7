"""Each type of layer on crossbars against a plain computation: every cell, every product, step by step in float64."""

import copy
import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

from memristor_sim import MemristorError, physical, prepare, program
from memristor_sim.crossbar import Crossbar
from memristor_sim.weights import min_max_quantised
from tests.memristor_sim.reference import matrix_product

QUIET = physical(read_noise=None, map_depthwise=True, tile_rows=20)


def programmed(layer, *args, hardware=QUIET, **kwargs):
    return program(copy.deepcopy(layer), hardware, 3, calibration=[args], **kwargs)


def product(part, x, group=0):
    """Crossbar and scales of one matrix, [..., I] -> [..., O]; the bias is added where it is not None."""
    weight_scale, full_scale = part.scale.double().numpy()
    rows = x.double().reshape(-1, x.shape[-1]).numpy()
    y = torch.from_numpy(matrix_product(rows / full_scale, part.crossbar, group) * weight_scale * full_scale)
    return y.view(*x.shape[:-1], -1)


def with_bias(part, x):
    y = product(part, x)
    return y if part.bias is None else y + part.bias.double()


def agree(result, wanted, layer_output, correlation=0.97):
    """Equal but for currents at half an ADC step, and close to the layer that was replaced."""
    difference = (result.double() - wanted).abs()
    assert difference.shape == layer_output.shape
    assert (difference > 1e-4 * wanted.abs().max()).double().mean() < 0.02
    near(result, layer_output, correlation)


def near(result, wanted, correlation=0.97):
    assert result.shape == wanted.shape and result.dtype == wanted.dtype
    assert np.corrcoef(result.detach().flatten().numpy(), wanted.detach().flatten().numpy())[0, 1] > correlation


TRANSPOSED = {
    "one axis": (nn.ConvTranspose1d(6, 4, 3), (2, 6, 5)),
    "strided, padded, grouped": (nn.ConvTranspose1d(6, 4, 5, 3, 2, 1, groups=2), (2, 6, 5)),
    "two axes": (nn.ConvTranspose2d(4, 6, (3, 2), (2, 1), (1, 0), dilation=(1, 2), bias=False), (2, 4, 5, 4)),
    "three axes, depthwise": (nn.ConvTranspose3d(3, 6, 2, 2, groups=3), (1, 3, 3, 2, 2)),
}


@pytest.mark.parametrize("name", TRANSPOSED)
def test_transposed_convolution(name):
    """Oracle: each input position scatters its products over the outputs."""
    layer, shape = TRANSPOSED[name]
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    built, ideal = programmed(layer, x), layer(x).detach()
    axes = x.shape[2:]
    wanted = torch.zeros(ideal.shape, dtype=torch.float64)
    outputs = layer.out_channels // layer.groups
    for group, channels in enumerate(x.chunk(layer.groups, 1)):
        read = product(built, channels.movedim(1, -1), group).unflatten(-1, (outputs, *layer.kernel_size))
        for sequence, at in itertools.product(range(len(x)), itertools.product(*map(range, axes))):
            for offset in itertools.product(*map(range, layer.kernel_size)):
                geometry = zip(at, offset, layer.stride, layer.padding, layer.dilation, strict=True)
                place = tuple(a * s + d * o - p for a, o, s, p, d in geometry)
                if all(0 <= one < size for one, size in zip(place, ideal.shape[2:], strict=True)):
                    some = slice(group * outputs, (group + 1) * outputs)
                    wanted[(sequence, some, *place)] += read[(sequence, *at, slice(None), *offset)]
    if layer.bias is not None:
        wanted += layer.bias.detach().double().view(-1, *[1] * len(axes))
    agree(built(x), wanted, ideal)


def test_transposed_convolution_takes_the_size_of_its_output():
    layer, x = nn.ConvTranspose1d(3, 4, 3, stride=3), torch.randn(2, 3, 5)
    built = programmed(layer, x)
    for size in (15, 16, 17):
        near(built(x, output_size=[size]), layer(x, output_size=[size]))
    with pytest.raises(MemristorError, match="cannot give an output of size"):
        built(x, [18])


def test_three_axes():
    layer, x = nn.Conv3d(4, 6, (2, 3, 1), stride=(1, 2, 1), padding=1, groups=2), torch.randn(2, 4, 3, 5, 2)
    built, ideal = programmed(layer, x), layer(x).detach()
    padded = nn.functional.pad(x, (1,) * 6)
    wanted = torch.zeros(ideal.shape, dtype=torch.float64)
    for group, channels in enumerate(padded.chunk(2, 1)):
        for place in itertools.product(*map(range, ideal.shape[2:])):
            spans = zip(place, layer.stride, layer.kernel_size, strict=True)
            window = channels[(..., *(slice(p * s, p * s + k) for p, s, k in spans))]
            read = product(built, window.flatten(1), group)
            wanted[(slice(None), slice(3 * group, 3 * group + 3), *place)] = read
    agree(built(x), wanted + layer.bias.detach().double().view(-1, 1, 1, 1), ideal)


def test_bilinear():
    layer, x, y = nn.Bilinear(6, 5, 4), torch.randn(3, 7, 6), torch.randn(3, 7, 5)
    built = programmed(layer, x, y)
    read = product(built, x).unflatten(-1, (4, 5))
    agree(built(x, y), (read * y[..., None, :].double()).sum(-1) + layer.bias.detach().double(), layer(x, y))


def plain_rnn(built, x, squash):
    state = torch.zeros(x.shape[1], 9, dtype=torch.float64)
    outputs = []
    for frame in x.double():
        state = squash(with_bias(built.inputs[0], frame) + with_bias(built.recurrents[0], state))
        outputs.append(state)
    return torch.stack(outputs)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_elman_network(nonlinearity):
    torch.manual_seed(0)
    layer, x = nn.RNN(6, 9, nonlinearity=nonlinearity), 2 * torch.randn(10, 3, 6)
    built = programmed(layer, x)
    found, wanted = built(x)[0], plain_rnn(built, x, getattr(torch, nonlinearity))
    assert (found.double() - wanted).abs().mean() < 2e-3
    near(found, layer(x)[0])
    recurrent_range = float(built.recurrents[0].scale[1])
    largest = float(layer(x)[0][:-1].abs().max())
    assert recurrent_range == pytest.approx(1.0 if nonlinearity == "tanh" else largest, rel=1e-5)


CELLS = {
    "lstm": (nn.LSTMCell(6, 9), 2),
    "gru": (nn.GRUCell(6, 9, bias=False), 1),
    "rnn": (nn.RNNCell(6, 9), 1),
    "relu": (nn.RNNCell(6, 9, nonlinearity="relu"), 1),
}


@pytest.mark.parametrize("name", CELLS)
def test_cells_are_one_step_of_the_layer(name):
    torch.manual_seed(0)
    cell, states = CELLS[name]
    whole = {"lstm": nn.LSTM, "gru": nn.GRU}.get(name, nn.RNN)(6, 9, bias=cell.bias)
    if name == "relu":
        whole = nn.RNN(6, 9, nonlinearity="relu")
    whole.load_state_dict({f"{key}_l0": value for key, value in cell.state_dict().items()})
    x, start = torch.randn(4, 6), tuple(torch.randn(states, 4, 9).tanh())
    built = programmed(cell, x, start if states == 2 else start[0])
    in_whole = program(whole, QUIET, 3, input_range={"ih_l0": float(built.inputs.scale[1])} | {"": 1.0})
    for one, other in ((in_whole.inputs[0], built.inputs), (in_whole.recurrents[0], built.recurrents)):
        other.crossbar.write(one.crossbar.r_plus, one.crossbar.r_minus)
        one.scale.copy_(other.scale)
    for state in (None, start if states == 2 else start[0]):
        found = built(x, state)
        stacked = None if state is None else tuple(part[None] for part in start)
        _, wanted = in_whole(x[None], stacked if states == 2 or stacked is None else stacked[0])
        found, wanted = (found, wanted) if states == 2 else ((found,), (wanted,))
        for one, other in zip(found, wanted, strict=True):
            torch.testing.assert_close(one, other[0])
        near(found[0], cell(x, state)[0] if states == 2 else cell(x, state))


def test_lstm_with_projections():
    torch.manual_seed(0)
    layer, x = nn.LSTM(6, 12, num_layers=2, proj_size=4, bidirectional=True), torch.randn(8, 3, 6)
    layer.weight_hr_l0.data *= 6  # outputs beyond 1
    built = programmed(layer, x)
    (found, last), (wanted, wanted_last) = built(x), layer(x)
    near(found, wanted)
    near(last[0], wanted_last[0])
    near(last[1], wanted_last[1])
    hidden = nn.LSTM(6, 12, proj_size=4, bidirectional=True)
    hidden.load_state_dict({key: value for key, value in layer.state_dict().items() if "_l0" in key})
    assert float(built.inputs[2].scale[1]) == pytest.approx(float(hidden(x)[0].abs().max()), rel=1e-4)
    assert 0 < float(built.projections[0].scale[1]) < 1
    # one step of one direction
    torch.manual_seed(0)
    layer = nn.LSTM(6, 12, proj_size=4)
    built = programmed(layer, x)
    i, _, g, o = (with_bias(built.inputs[0], x[0]) + built.recurrents[0].bias.double()).chunk(4, -1)
    inner = torch.sigmoid(o) * torch.tanh(torch.sigmoid(i) * torch.tanh(g))
    agree(built(x[:1])[0][0], product(built.projections[0], inner), layer(x[:1])[0][0])


def test_dropout_between_layers_in_training_alone():
    torch.manual_seed(0)
    built = programmed(nn.LSTM(6, 12, num_layers=2, dropout=0.5), torch.randn(5, 2, 6))
    x = torch.randn(5, 2, 6)
    assert built.training and not torch.equal(built(x)[0], built(x)[0])
    assert torch.equal(built.eval()(x)[0], built(x)[0])


ATTENTIONS = {
    "packed": {},
    "other sizes": {"kdim": 6, "vdim": 10},
    "no bias": {"bias": False},
    "further keys": {"add_bias_kv": True, "add_zero_attn": True},
    "batch first": {"batch_first": True},
}


def plain_attention(built, query, key, value, mask):
    """Heads and sequences one by one: [S, L, E]."""
    outputs = []
    for q, k, v in zip(query, key, value, strict=True):
        biases = (0.0,) * 3 if built.in_proj_bias is None else built.in_proj_bias.double().chunk(3)
        q, k, v = (product(part, x) + bias for part, x, bias in zip(
            (built.q_proj, built.k_proj, built.v_proj), (q, k, v), biases, strict=True))  # fmt: skip
        if built.bias_k is not None:
            k, v = torch.cat([k, built.bias_k[0].double()]), torch.cat([v, built.bias_v[0].double()])
        if built.add_zero_attn:
            k, v = (torch.cat([one, torch.zeros(1, 8, dtype=torch.float64)]) for one in (k, v))
        heads = []
        for some in (slice(0, 4), slice(4, 8)):
            scores = q[:, some] @ k[:, some].T / 2
            scores[:, : mask.shape[1]][mask] = -torch.inf
            heads.append(scores.softmax(-1) @ v[:, some])
        outputs.append(torch.cat(heads, -1))
    return with_bias(built.out_proj, torch.stack(outputs))


@pytest.mark.parametrize("name", ATTENTIONS)
def test_attention(name):
    torch.manual_seed(0)
    layer = nn.MultiheadAttention(8, 2, **ATTENTIONS[name])
    if layer.in_proj_bias is not None:
        nn.init.normal_(layer.in_proj_bias)
    query, key, value = torch.randn(3, 5, 8), torch.randn(3, 7, layer.kdim), torch.randn(3, 7, layer.vdim)
    mask = torch.rand(5, 7) < 0.3
    if not layer.batch_first:
        arguments = [one.transpose(0, 1) for one in (query, key, value)]
    else:
        arguments = [query, key, value]
    built = program(copy.deepcopy(layer), QUIET, 3, calibration=[((*arguments,), {"attn_mask": mask})])
    wanted = plain_attention(built, query, key, value, mask)
    for need_weights in (True, False):
        found, weights = built(*arguments, attn_mask=mask, need_weights=need_weights)
        ideal, ideal_weights = layer(*arguments, attn_mask=mask, need_weights=need_weights)
        agree(found, wanted if layer.batch_first else wanted.transpose(0, 1), ideal, 0.95)
        if need_weights:
            near(weights, ideal_weights, 0.95)
    ranges = [float(getattr(built, part).scale[1]) for part in ("q_proj", "k_proj", "v_proj")]
    assert ranges == [pytest.approx(float(one.abs().max())) for one in (query, key, value)]


MASKS = {
    "causal": {"attn_mask": torch.ones(6, 6, dtype=torch.bool).triu(1), "is_causal": True},
    "float": {"attn_mask": torch.linspace(-2, 2, 36).view(6, 6)},
    "each head": {"attn_mask": torch.rand(6, 6, 6, generator=torch.Generator().manual_seed(0)) < 0.3},
    "padding": {"key_padding_mask": torch.arange(6) >= torch.tensor([[6], [4], [2]])},
    "both": {
        "key_padding_mask": torch.arange(6) >= torch.tensor([[6], [4], [2]]),
        "attn_mask": torch.ones(6, 6, dtype=torch.bool).triu(1),
    },
    "heads apart": {"average_attn_weights": False},
}


@pytest.mark.parametrize("name", MASKS)
def test_attention_takes_the_masks_of_the_original(name):
    """With the effective weights in the original layer: what differs is rounding."""
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(8, 2, batch_first=True), torch.randn(3, 6, 8)
    built = programmed(layer, x, x, x)
    layer.load_state_dict({key: built.in_proj_weight if key == "in_proj_weight" else
                           built.out_proj.weight if key == "out_proj.weight" else value
                           for key, value in layer.state_dict().items()})  # fmt: skip
    for need_weights in (True, False):
        found, wanted = (one(x, x, x, need_weights=need_weights, **MASKS[name]) for one in (built, layer))
        near(found[0], wanted[0], 0.95)
        if need_weights:
            torch.testing.assert_close(found[1], wanted[1].detach(), atol=0.05, rtol=0)


def test_attention_of_one_sequence():
    torch.manual_seed(0)
    layer, x = nn.MultiheadAttention(8, 2), torch.randn(6, 8)
    built, padding = programmed(layer, x, x, x), torch.arange(6) > 3
    found, weights = built(x, x, x, key_padding_mask=padding)
    wanted, wanted_weights = layer(x, x, x, key_padding_mask=padding)
    near(found, wanted, 0.9)
    near(weights, wanted_weights, 0.9)


class Conv1D(nn.Module):
    """As transformers.pytorch_utils has it: a linear layer with its weight the other way round."""

    def __init__(self, nf, nx):
        super().__init__()
        self.nf, self.nx = nf, nx
        self.weight, self.bias = nn.Parameter(torch.randn(nx, nf)), nn.Parameter(torch.randn(nf))

    def forward(self, x):
        return x @ self.weight + self.bias


def test_linear_layers_of_transformers(monkeypatch):
    layer, x = Conv1D(5, 7), torch.randn(3, 7)
    with pytest.raises(MemristorError, match="0 mappable"):
        programmed(layer, x)
    monkeypatch.setattr(Conv1D, "__module__", "transformers.pytorch_utils")
    built = programmed(layer, x)
    agree(built(x), product(built, x) + layer.bias.detach().double(), layer(x))
    assert built.nf == 5 and built.weight.shape == (7, 5)


NORMALISED = {
    "weight_norm": lambda layer: parametrizations.weight_norm(layer),
    "weight_norm, as hook": lambda layer: weight_norm(layer),
    "spectral_norm": lambda layer: parametrizations.spectral_norm(layer),
    "spectral_norm, as hook": lambda layer: spectral_norm(layer),
    "pruned": lambda layer: prune.l1_unstructured(layer, "weight", 0.5),
}


@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.parametrize("name", NORMALISED)
def test_weights_that_are_computed_at_each_call_are_folded(name):
    torch.manual_seed(0)
    model = nn.Sequential(NORMALISED[name](nn.Linear(8, 6)), nn.ReLU(), NORMALISED[name](nn.Conv1d(4, 3, 2)))
    if "norm" in name:  # loaded after the weight was computed
        model.load_state_dict({key: value * 1.5 if key.endswith(("_g", "original0", "_orig", "original")) else value
                               for key, value in model.state_dict().items()})  # fmt: skip
    model.eval()
    x = torch.randn(2, 4, 8)
    wanted = model(x)
    wanted_weight = model[0].weight.detach().clone()
    built = program(model, QUIET, 0, calibration=[x])
    near(built(x), wanted)
    quantised = min_max_quantised("", wanted_weight, 8)
    assert float(built[0].scale[0]) == pytest.approx(quantised.scale, rel=1e-5)
    assert built[0](x).shape == (2, 4, 6)


class Widened(nn.Linear):
    """A subclass that computes something else."""

    def forward(self, x):
        return 2 * super().forward(x)


class Named(nn.Linear):
    """A subclass that computes the same."""


def test_subclasses_are_mapped_on_request():
    model, x = nn.Sequential(Widened(4, 4), Named(4, 4), nn.Linear(4, 4)), torch.randn(2, 4)
    for subclasses, mapped in (((), {"2"}), ((Named,), {"1", "2"})):
        built = program(copy.deepcopy(model), QUIET, 0, calibration=[x], subclasses=subclasses)
        assert {one.name for one in built.modules() if isinstance(one, Crossbar)} == mapped
    loaded = prepare(copy.deepcopy(model), QUIET, subclasses=(Named,))
    loaded.load_state_dict(built.state_dict())
    assert torch.equal(loaded(x), built(x))


def test_a_weight_that_layers_share_is_one_device():
    torch.manual_seed(0)
    model = nn.ModuleDict({"first": nn.Linear(4, 4), "second": nn.Linear(4, 4), "third": nn.Linear(4, 4)})
    model["second"].weight = model["first"].weight
    built = program(model, QUIET, 0, input_range={"first": 1.0, "second": 2.0, "third": 1.0})
    crossbars = {name: one.crossbar for name, one in built.items()}
    assert crossbars["second"] is crossbars["first"] is not crossbars["third"]
    assert [float(one.scale[1]) for one in built.values()] == [1.0, 2.0, 1.0]
    assert not torch.equal(built["first"].bias, built["second"].bias)


EMPTY = {
    "linear": (nn.Linear(6, 4), (0, 6)),
    "linear, of many": (nn.Linear(6, 4), (2, 0, 6)),
    "conv": (nn.Conv1d(3, 4, 2), (0, 3, 8)),
    "transposed": (nn.ConvTranspose1d(3, 4, 2), (0, 3, 8)),
    "lstm": (nn.LSTM(6, 4, batch_first=True), (0, 5, 6)),
    "cell": (nn.GRUCell(6, 4), (0, 6)),
}


@pytest.mark.parametrize("noise", [True, False])
@pytest.mark.parametrize("name", EMPTY)
def test_no_input_gives_no_output(name, noise):
    layer, shape = EMPTY[name]
    built = program(copy.deepcopy(layer), physical() if noise else QUIET, 0, input_range=1.0)
    found, wanted = built(torch.zeros(shape)), layer(torch.zeros(shape))
    found, wanted = (one[0] if isinstance(one, tuple) else one for one in (found, wanted))
    assert found.shape == wanted.shape


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_layers_without_weights_stay_as_they_are():
    model = nn.ModuleDict({"none": nn.Linear(4, 0), "of none": nn.Linear(0, 4), "some": nn.Linear(4, 4)})
    built = program(model, QUIET, 0, input_range=1.0)
    assert type(built["none"]) is type(built["of none"]) is nn.Linear and type(built["some"]) is not nn.Linear
