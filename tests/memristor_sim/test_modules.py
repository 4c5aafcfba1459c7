"""Programmed layers against the plain read-out of their cells, and against the layers that they replace."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from memristor_sim import Adc, ReadNoise, Wires, physical, prepare, program
from memristor_sim.modules import conv
from tests.memristor_sim.reference import matrix_product

QUIET = physical(read_noise=None, map_depthwise=True, tile_rows=20)
WIRED = replace(QUIET, wires=Wires(segment_ohm=5.0))
CLOSE = {QUIET: 0.98, WIRED: 0.8}
"""Least correlation with the layer itself."""


def programmed(layer, x, hardware=QUIET, **kwargs):
    return program(copy.deepcopy(layer), hardware, 3, calibration=[x], **kwargs)


def scaled_product(part, x):
    """Crossbar, scales and bias of one matrix: [N, I] -> [N, O]."""
    weight_scale, full_scale = part.scale.double().numpy()
    y = matrix_product(x.double().numpy() / full_scale, part.crossbar) * weight_scale * full_scale
    return torch.from_numpy(y) + (0 if part.bias is None else part.bias.double())


def agree(result, wanted, layer_output, correlation=0.98):
    """Equal but for currents at half an ADC step, and close to the layer that was replaced."""
    difference = (result.double() - wanted).abs()
    assert (difference > 1e-4 * wanted.abs().max()).double().mean() < 0.01
    assert np.corrcoef(result.flatten().numpy(), layer_output.detach().flatten().numpy())[0, 1] > correlation


@pytest.mark.parametrize("hardware", [QUIET, WIRED], ids=["bare", "wired"])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(bias, hardware):
    torch.manual_seed(0)
    layer, x = nn.Linear(50, 30, bias=bias), torch.randn(4, 7, 50)
    built = programmed(layer, x, hardware)
    agree(built(x), scaled_product(built, x.reshape(-1, 50)).view(4, 7, 30), layer(x), CLOSE[hardware])


CONVOLUTIONS = {
    "plain": (nn.Conv1d(6, 9, 5), (2, 6, 20)),
    "padded, strided, grouped": (nn.Conv1d(6, 8, 4, padding=2, stride=2, groups=2), (2, 6, 21)),
    "depthwise": (nn.Conv1d(10, 10, 31, padding=15, groups=10), (2, 10, 40)),
    "depthwise, two columns": (nn.Conv1d(5, 10, 3, groups=5, bias=False), (2, 5, 40)),
    "same, dilated": (nn.Conv1d(3, 4, 4, padding="same", dilation=2), (2, 3, 20)),
    "two axes": (nn.Conv2d(4, 6, (3, 2), padding=(1, 0), stride=(1, 2)), (2, 4, 9, 8)),
    "two axes, grouped, reflected": (nn.Conv2d(4, 6, 3, padding=1, groups=2, padding_mode="reflect"), (2, 4, 9, 8)),
}


@pytest.mark.parametrize("hardware", [QUIET, WIRED], ids=["bare", "wired"])
@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_convolution(name, hardware):
    """Oracle: windows unfolded to rows, each group a matrix product of its own."""
    layer, shape = CONVOLUTIONS[name]
    torch.manual_seed(0)
    layer.reset_parameters()
    x = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    built = programmed(layer, x, hardware)
    crossbar, (weight_scale, full_scale) = built.crossbar, built.scale.double().numpy()
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    padded = functional.pad(x, layer._reversed_padding_repeated_twice, mode=mode)
    flat = padded if x.dim() == 4 else padded[:, :, None]  # one axis: a picture of one line
    as_pair = lambda value: tuple(value) if x.dim() == 4 else (1, *value)
    windows = functional.unfold(
        flat.double(), as_pair(layer.kernel_size), dilation=as_pair(layer.dilation), stride=as_pair(layer.stride)
    )
    rows = crossbar.mapping.rows
    parts = []
    for group in range(layer.groups):
        inputs = windows[:, group * rows : (group + 1) * rows].transpose(1, 2).reshape(-1, rows)
        product = matrix_product(inputs.numpy() / full_scale, crossbar, group) * weight_scale * full_scale
        parts.append(torch.from_numpy(product).view(len(x), -1, crossbar.mapping.columns).transpose(1, 2))
    ideal = layer(x)
    wanted = torch.cat(parts, 1).view(ideal.shape)
    if layer.bias is not None:
        wanted = wanted + layer.bias.detach().double().view(-1, *[1] * (x.dim() - 2))
    agree(built(x), wanted, ideal, CLOSE[hardware])
    assert torch.equal(built(x[0]), built(x[:1])[0])


def plain_recurrent(built, x, cell):
    """One direction of one layer, step by step: [T, N, I] -> [T, N, H]."""
    inputs, recurrent = built.inputs[0], built.recurrents[0]
    state = [torch.zeros(x.shape[1], recurrent.crossbar.mapping.rows, dtype=torch.float64)] * 2
    outputs = []
    for frame in x.double():
        drive, back = scaled_product(inputs, frame), scaled_product(recurrent, state[0])
        if cell == "lstm":
            i, f, g, o = (drive + back).chunk(4, -1)
            memory = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
            state = [torch.sigmoid(o) * torch.tanh(memory), memory]
        else:
            (ri, zi, ni), (rh, zh, nh) = drive.chunk(3, -1), back.chunk(3, -1)
            z = torch.sigmoid(zi + zh)
            state = [(1 - z) * torch.tanh(ni + torch.sigmoid(ri + rh) * nh) + z * state[0], None]
        outputs.append(state[0])
    return torch.stack(outputs)


def on_average(states, wanted):
    """A current at half an ADC step moves all later frames a little."""
    return (states.double() - wanted).abs().mean() < 2e-3


@pytest.mark.parametrize("hardware", [QUIET, WIRED], ids=["bare", "wired"])
@pytest.mark.parametrize(("cell", "cls"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_recurrent_layer(cell, cls, hardware):
    torch.manual_seed(0)
    layer, x = cls(12, 25), torch.randn(15, 3, 12)
    built = programmed(layer, x, hardware)
    result, _ = built(x)
    wanted = plain_recurrent(built, x, cell)
    assert on_average(result, wanted)
    assert np.corrcoef(result.flatten().numpy(), layer(x)[0].detach().flatten().numpy())[0, 1] > CLOSE[hardware]


@pytest.mark.parametrize("cls", [nn.LSTM, nn.GRU])
@pytest.mark.parametrize("batch_first", [True, False])
def test_recurrent_layouts_are_those_of_the_original(cls, batch_first):
    torch.manual_seed(0)
    layer = cls(6, 40, num_layers=2, bidirectional=True, batch_first=batch_first)
    x = torch.randn(4, 9, 6)
    built = programmed(layer, x)
    wanted, last_wanted = layer(x)
    result, last = built(x)
    assert np.corrcoef(result.flatten().numpy(), wanted.detach().flatten().numpy())[0, 1] > 0.98
    parts = ((last, last_wanted),) if cls is nn.GRU else zip(last, last_wanted, strict=True)
    for mine, other in parts:
        assert mine.shape == other.shape
        assert np.corrcoef(mine.flatten().numpy(), other.detach().flatten().numpy())[0, 1] > 0.97
    single, _ = built(x[0] if batch_first else x[:, 0])
    of_one, _ = built(x[:1] if batch_first else x[:, :1])
    assert torch.equal(single, of_one[0] if batch_first else of_one[:, 0])


@pytest.mark.parametrize("cls", [nn.LSTM, nn.GRU])
def test_recurrent_state_carries_on(cls):
    torch.manual_seed(0)
    x = torch.randn(10, 2, 6)
    built = programmed(cls(6, 8, num_layers=2), x)
    whole, last = built(x)
    first, state = built(x[:4])
    second, last_of_parts = built(x[4:], state)
    assert on_average(torch.cat([first, second]), whole)
    states = (last_of_parts, last) if cls is nn.GRU else (torch.stack(last_of_parts), torch.stack(last))
    assert on_average(*states)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Linear(8, 6), (3, 5, 8)),
        (nn.Conv1d(4, 4, 3, groups=4, padding=1), (2, 4, 10)),
        (nn.Conv2d(2, 3, 3), (2, 2, 6, 6)),
        (nn.GRU(6, 5, 2), (4, 2, 6)),
    ],
    ids=["linear", "depthwise", "conv2d", "gru"],
)
def test_state_dict_gives_the_same_outputs(layer, shape, tmp_path):
    hardware = physical(map_depthwise=True)
    x = torch.randn(shape)
    first = programmed(layer, x, hardware)
    torch.save(first.state_dict(), tmp_path / "device.pt")
    second = prepare(copy.deepcopy(layer), hardware)
    second.load_state_dict(torch.load(tmp_path / "device.pt", weights_only=True))
    results = []
    for model in (first, second):
        torch.manual_seed(5)
        result = model(x)
        results.append(result[0] if isinstance(result, tuple) else result)
    assert torch.equal(*results)


def test_bfloat16_in_bfloat16_out_also_under_autocast():
    torch.manual_seed(0)
    layer, x = nn.Linear(20, 6), torch.randn(3, 20).bfloat16()
    built = programmed(layer, x.float())
    result = built(x)
    assert result.dtype == torch.bfloat16
    torch.testing.assert_close(result, built(x.float()).bfloat16())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(built(x.float()), programmed(layer, x.float())(x.float()))


def test_peak_memory_of_a_forward_is_at_most_three_outputs():
    from torch.profiler import ProfilerActivity, profile

    layer = program(nn.Linear(384, 1536), physical(), 0, input_range=1.0)
    x = torch.rand(200, 384)
    layer(x)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as trace:
        layer(x)
    live = peak = 0
    for event in trace.profiler.kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    assert 4 * 200 * 1536 <= peak <= 3 * 4 * 200 * 1536


@pytest.mark.parametrize("layer, shape", [(nn.Linear(6, 4), (3, 6)), (nn.Conv1d(6, 4, 3), (2, 6, 9))])
def test_an_input_of_one_drives_full_scale_unless_another_is_given(layer, shape):
    x = torch.rand(shape) * 2 - 1
    crossbar = programmed(layer, x).crossbar
    assert torch.equal(crossbar(x), crossbar(x, 1.0)) and torch.equal(crossbar(x), crossbar(2 * x, 2.0))
    assert not torch.equal(crossbar(x), crossbar(x, 2.0))


def test_a_convolution_is_read_block_by_block_as_it_is_as_a_whole(monkeypatch):
    layer, x = nn.Conv2d(4, 6, (3, 2), stride=(2, 1), dilation=(1, 2)), torch.randn(3, 4, 15, 9)
    built = programmed(layer, x)
    whole = built(x)
    monkeypatch.setattr(conv, "UNFOLDED", 500)
    assert torch.equal(built(x), whole)
    assert built(x[:0]).shape == (0, *whole.shape[1:])


def test_noise_of_an_unfolded_convolution_is_that_of_the_convolved_one(monkeypatch):
    torch.manual_seed(0)
    layer, x = nn.Conv1d(20, 3, 3, padding=1), torch.randn(1, 20, 12)
    hardware = physical(tile_rows=32, adc=Adc(precision_bits=12, range_bits=6), read_noise=ReadNoise(bandwidth_hz=1e10))
    built = program(layer, hardware, 3, input_range=3.0)
    unfolded = built(x.expand(1500, -1, -1))
    monkeypatch.setattr(conv, "traced", lambda: True)
    convolved = built(x.expand(1500, -1, -1))
    assert not torch.equal(unfolded, convolved)
    spread = convolved.std(0)
    assert ((unfolded.mean(0) - convolved.mean(0)).abs() < 5 * spread * (2 / 1500) ** 0.5).all()
    assert ((unfolded.std(0) / spread - 1).abs() < 0.12).all()


def test_sequences_of_a_convolution_share_noise_if_the_hardware_says_so():
    layer, x = nn.Conv1d(20, 3, 3), torch.randn(1, 20, 12).expand(2, -1, -1)
    for shared in (True, False):
        noise = ReadNoise(bandwidth_hz=1e10, shared_over_batch=shared)
        first, second = program(copy.deepcopy(layer), physical(read_noise=noise), 3, input_range=3.0)(x)
        assert torch.equal(first, second) == shared


def test_many_packed_sequences_of_different_lengths_are_read_as_each_alone():
    """Blocks of planes are wider where fewer sequences go on."""
    torch.manual_seed(0)
    built = program(nn.LSTM(6, 64), QUIET, 3, input_range=1.0)
    sequences = [torch.rand(1 + number // 14, 6) for number in range(70)]
    outputs, lengths = pad_packed_sequence(built(pack_sequence(sequences, enforce_sorted=False))[0])
    for number in (0, 30, 69):
        alone = built(sequences[number])[0]
        found = outputs[: lengths[number], number]
        assert ((found - alone).abs() > 1e-5).float().mean() < 0.02  # a current at half an ADC step


def test_each_step_of_a_recurrent_layer_draws_noise_that_the_seed_decides():
    noisy = program(nn.LSTM(6, 8), physical(read_noise=ReadNoise(bandwidth_hz=1e10)), 3, input_range=1.0)
    recurrent, runs = noisy.recurrents[0], []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        with recurrent.unpacked():
            runs.append(torch.stack([recurrent(torch.full((1, 8), 0.5)) for _ in range(20)]))
    assert torch.equal(runs[0], runs[1]) and not torch.equal(runs[0], runs[2])
    assert len(runs[0].unique(dim=0)) > 10
