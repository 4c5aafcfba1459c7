"""The compiled steps of a read-out against the torch operations that they stand for: equal bit by bit."""

import contextlib
import subprocess
import sys
from dataclasses import astuple, replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from memristor_sim import Unary, crossbar, linear_crossbar, noise_draws, program
from memristor_sim.clip_counter import ClipCounter
from memristor_sim.clipping import recorded_clipping
from memristor_sim.components import PAPER_NOISE, PHYSICAL_NOISE, Adc, Dac
from memristor_sim.converters import digitise_, to_levels_
from memristor_sim.fused import build
from memristor_sim.fused.kernel import loaded, panels
from memristor_sim.hardware import Quantisation, Wires, physical
from memristor_sim.noise_draws import NormalStream, quantile_means
from memristor_sim.quantisation import Largest

SINGLE_ROUNDING = torch.equal(  # whether torch fuses: 1 + 2**-12 squared, minus its leading terms
    torch.full((64,), -1 - 2.0**-11).addcmul_(*[torch.full((64,), 1 + 2.0**-12)] * 2), torch.full((64,), 2.0**-24)
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    if build.compiler() is None:
        pytest.skip("no C compiler")
    target = tmp_path_factory.mktemp("fused") / "read_out.so"
    assert build.build(target) is None
    found = loaded(target)
    if found is None and not SINGLE_ROUNDING:
        pytest.skip("torch rounds products and sums apart on this processor")
    assert found is not None
    return found


@contextlib.contextmanager
def using(one):
    with pytest.MonkeyPatch.context() as patch:
        for module in (crossbar, noise_draws):
            patch.setattr(module, "kernel", lambda: one)
        yield


def normal(shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


SHAPES = st.tuples(*[st.integers(1, 4)] * 2, st.integers(1, 9), st.integers(1, 40))
ADCS = st.builds(Adc, precision_bits=st.integers(0, 12), range_bits=st.integers(1, 6), symmetric=st.booleans())


@given(SHAPES, ADCS, st.sampled_from(["off", "own", "shared"]), st.booleans(), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_one_pass_gives_what_the_operations_give(compiled, shape, adc, noise, gained, seed):
    planes, sequences, vectors, columns = shape
    mean, variance = normal(shape, seed) * adc.highest, normal(shape, seed + 1) * adc.highest
    drawn = normal((planes, sequences if noise == "own" else 1, vectors, columns), seed + 2)
    gain = normal((planes, columns), seed + 3).exp() if gained else None
    weights = [0.3 * (plane + 1) for plane in range(planes)]
    out = normal((sequences, vectors, columns + 5), seed + 4)
    wanted, found = out.clone(), out.clone()

    steps = mean.clone()
    if noise != "off":
        steps.addcmul_(variance.clamp(min=0).sqrt_(), drawn)
    factors = None if gain is None else gain[:, None, None]
    steps = steps if factors is None else steps.mul_(factors)
    rounded = steps.round()
    digits = digitise_(steps, adc) if factors is None else digitise_(steps, adc).div_(factors)
    for weight, values in zip(weights, digits, strict=True):
        wanted[..., 2:-3].add_(values, alpha=weight)

    currents = (mean,) if noise == "off" else (mean, variance, drawn)
    clipped = compiled.accumulate_(found[..., 2:-3], *currents, gain=gain, weights=weights, adc=adc)
    assert torch.equal(found, wanted)
    assert clipped == int(((rounded < adc.lowest) | (rounded > adc.highest)).sum())


def chained(x, cells):
    """x [R, I] times cells [P, I, O], each value one chain of sums in the order of the inputs, rounded once per sum."""
    sums = torch.zeros(len(cells), len(x), cells.shape[-1])
    for k in range(x.shape[1]):
        sums.addcmul_(x[None, :, k, None], cells[:, None, k])
    return sums


@pytest.mark.skipif(not SINGLE_ROUNDING, reason="torch rounds products and sums apart on this processor")
@given(
    st.tuples(*[st.integers(1, 3)] * 3, st.sampled_from([6, 7, 20, 50, 100]), *[st.integers(1, 40)] * 2),
    ADCS,
    st.sampled_from(["off", "own", "shared"]),
    st.booleans(),
    st.integers(0, 1000),
)
@settings(max_examples=80, deadline=None)
def test_products_that_are_never_written_down_give_what_written_ones_give(compiled, shape, adc, noise, gained, seed):
    terms, planes, sequences, vectors, inputs, columns = shape
    rows = sequences * vectors
    drives, slopes = (normal((terms, rows, inputs + 7), seed + i)[..., 3:-4] for i in range(2))
    cells, totals = (normal((planes, terms, inputs, columns), seed + 2 + i) for i in range(2))
    offset, gain = normal((rows, 1), seed + 4) + 3, normal((planes, columns), seed + 5).exp() if gained else None
    drawn = normal((planes, sequences if noise == "own" else 1, vectors, columns), seed + 6)
    weights = [0.3 * (plane + 1) for plane in range(planes)]
    wanted = normal((sequences, vectors, columns + 5), seed + 7)
    found = wanted.clone()

    mean, variance = chained(drives[0], cells[:, 0]), offset - chained(slopes[0], totals[:, 0])
    for term in range(1, terms):
        mean = mean + chained(drives[term], cells[:, term])
        variance = variance - chained(slopes[term], totals[:, term])
    currents = [one.view(planes, sequences, vectors, columns) for one in (mean, variance)] + [drawn]
    settings = {"gain": gain, "weights": weights, "adc": adc}
    clipped = compiled.accumulate_(wanted[..., 2:-3], *currents[: 1 if noise == "off" else 3], **settings)

    lines, matrices = (drives, slopes, offset), tuple(map(panels, (cells, totals)))
    if noise == "off":
        lines, matrices = lines[:1], matrices[:1]
    draws = () if noise == "off" else (drawn,)
    assert compiled.read_out_(found[..., 2:-3], lines, matrices, *draws, **settings) == clipped
    assert torch.equal(found, wanted)


@given(
    st.sampled_from([(), (7,), (3, 41), (2, 3, 5000)]),
    st.builds(Dac, bits=st.integers(2, 12), symmetric=st.booleans()),
    st.floats(0.0625, 128, width=32),
    st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_levels_of_the_dac_are_those_of_the_operations(compiled, shape, dac, full_scale, seed):
    x = normal(shape, seed) * full_scale
    if x.numel() > 4:  # at the ends, and between two levels
        places = torch.tensor([-1.0, 1.0, 1.5 / 2 ** (dac.bits - 1), -0.5 / 2 ** (dac.bits - 1)])
        x.flatten()[:4] = places * full_scale
    for scale in (full_scale, torch.tensor(full_scale)):
        scaled = x / scale
        counter = ClipCounter()
        counter.count_dac(scaled, dac)
        levels, clipped = compiled.dac_levels(x, float(scale), dac)
        assert torch.equal(levels, to_levels_(scaled, dac)) and levels.dtype == torch.int32
        assert clipped == counter.dac_clipped


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, 4095, 8191, 8192, 8193, 20_001]), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_normal_draws_are_those_of_numpy_and_torch(compiled, counts):
    streams = []
    for one in (None, compiled):
        torch.manual_seed(5)
        with using(one):
            normals = NormalStream(torch.device("cpu"))
            streams.append([normals.draw((count,)).clone() for count in counts])
    assert all(torch.equal(*pair) for pair in zip(*streams, strict=True))
    assert len(torch.cat(streams[0])) == sum(counts) and quantile_means().max() < 4.4


LAYERS = {
    "linear": (lambda: nn.Linear(90, 37), (3, 7, 90)),
    "wide": (lambda: nn.Linear(20, 300), (2, 150, 20)),
    "many vectors": (lambda: nn.Linear(130, 70), (2, 70, 130)),
    "one vector": (lambda: nn.Linear(33, 21), (33,)),
    "conv": (lambda: nn.Conv1d(8, 13, 5, stride=2), (3, 8, 40)),
    "groups": (lambda: nn.Conv1d(12, 24, 3, groups=6), (2, 12, 30)),
    "grouped images": (lambda: nn.Conv2d(4, 6, 3, groups=2), (2, 4, 9, 8)),
    "lstm": (lambda: nn.LSTM(11, 10), (5, 3, 11)),
}


@given(
    st.sampled_from(list(LAYERS)),
    st.sampled_from([None, PHYSICAL_NOISE, PAPER_NOISE]),
    st.sampled_from(
        [
            {},
            {"wires": Wires(segment_ohm=20.0)},
            {"coding": Unary(copies=3)},
            {"quantisation": Quantisation(adc=Largest())},
        ]
    ),
    st.integers(2, 6),
    st.integers(0, 100),
)
@pytest.mark.filterwarnings("ignore::memristor_sim.MemristorWarning")
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_layers_read_the_same_with_and_without_it(compiled, kind, noise, changes, bits, seed):
    make, shape = LAYERS[kind]
    torch.manual_seed(seed)
    layer, x = make(), torch.randn(shape)
    hardware = physical(weight_bits=bits, read_noise=noise, tile_rows=32, adc=Adc(range_bits=1), **changes)
    model = program(nn.Sequential(layer), hardware, seed, calibration=[x])
    results, counts = [], []
    for one in (None, compiled):
        torch.manual_seed(seed)
        with using(one), recorded_clipping(model) as counters, torch.no_grad():
            result = model(x)
        results.append(result[0] if kind == "lstm" else result)
        counts.append([astuple(counter) for counter in counters.values()])
    assert torch.equal(*results) and counts[0] == counts[1]
    assert all(conversions > 0 for one in counts[0] for conversions in one[::2])


@pytest.mark.parametrize("tile_rows", [128, 256])
def test_tall_tiles_read_the_same_with_and_without_it(compiled, tile_rows):
    """Torch cuts sums over more rows than 192 into parts."""
    hardware = physical(tile_rows=tile_rows, adc=Adc(precision_bits=18, range_bits=6))  # fine enough for the last bits
    model, x = program(nn.Linear(300, 48), hardware, 1, input_range=2.0), normal((200, 300), 0)
    results = []
    for one in (None, compiled):
        torch.manual_seed(3)
        with using(one), torch.no_grad():
            results.append(model(x))
    assert torch.equal(*results)


def test_gradients_are_those_of_the_operations(compiled):
    model, x = program(nn.Linear(40, 9), physical(), 1, input_range=1.0), normal((5, 40), 0)
    found = []
    for one in (None, compiled):
        torch.manual_seed(2)
        given = x.clone().requires_grad_()
        with using(one):
            model(given).square().sum().backward()
        found.append(given.grad)
    assert torch.equal(*found) and found[0].abs().max() > 0


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
def test_a_graph_holds_torch_operations_alone(compiled):
    """A recorded call of the library would give the memory of the example again and again."""
    model = program(nn.Conv1d(6, 6, 3, groups=3), physical(read_noise=None), 1, input_range=3.0)
    one, other = normal((2, 6, 9), 0), normal((2, 6, 9), 1)
    with using(compiled), torch.no_grad():
        graph = torch.jit.trace(model, (one,), check_trace=False)
        torch.testing.assert_close(graph(other), model(other), atol=1e-4, rtol=0)


@pytest.mark.skipif(not SINGLE_ROUNDING, reason="torch rounds products and sums apart on this processor")
@pytest.mark.parametrize(
    "fused", ["fmaf(sqrtf(variance[i] < 0 ? 0 : variance[i]), noise[i], steps)", "fmaf(to.weight, steps, out[i])"]
)
def test_a_library_that_rounds_otherwise_than_torch_is_not_used(compiled, fused, tmp_path, monkeypatch):
    source = build.SOURCE.read_text()
    assert source.count(fused) == 1
    first, second, third = fused.removeprefix("fmaf(").removesuffix(")").rsplit(", ", 2)
    changed = tmp_path / "changed.c"
    changed.write_text(source.replace(fused, f"{first} * {second} + {third}"))
    monkeypatch.setattr(build, "SOURCE", changed)
    assert build.build(tmp_path / "changed.so") is None and (tmp_path / "changed.so").exists()
    assert loaded(tmp_path / "changed.so") is None


def test_products_that_differ_from_those_of_torch_are_not_used(compiled, tmp_path, monkeypatch):
    if not compiled.multiplies:
        pytest.skip("the products of torch are used on this processor")
    changed, chain = tmp_path / "changed.c", "sum[j] = fmaf(x, cells[j], sum[j])"
    assert build.SOURCE.read_text().count(chain) == 1
    changed.write_text(build.SOURCE.read_text().replace(chain, "sum[j] = x * cells[j] + sum[j]"))
    monkeypatch.setattr(build, "SOURCE", changed)
    assert build.build(tmp_path / "changed.so") is None
    found = loaded(tmp_path / "changed.so")
    assert found is not None and not found.multiplies


@pytest.mark.parametrize(
    "shape, rows, threads, fused",
    [((2, 20, 40), 128, 1, True), ((2, 20, 40), 129, 1, False), ((2, 20, 40), 128, 2, False),
     ((1, 16, 40), 128, 1, False), ((2, 20, 15), 128, 1, False)],
)  # fmt: skip
def test_the_kernel_multiplies_for_many_vectors_on_one_thread(compiled, shape, rows, threads, fused, monkeypatch):
    """Few vectors and columns, and tall tiles, are multiplied in another order of sums by torch."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert linear_crossbar._multiplies(replace(compiled, multiplies=True), torch.empty(shape), rows) is fused
    assert not linear_crossbar._multiplies(replace(compiled, multiplies=False), torch.empty(shape), rows)
    assert not linear_crossbar._multiplies(None, torch.empty(shape), rows)


def test_without_a_library_there_is_no_kernel(tmp_path):
    assert loaded(tmp_path / "nothing.so") is None
    (tmp_path / "broken.so").write_bytes(b"no library")
    assert loaded(tmp_path / "broken.so") is None


def test_what_keeps_it_from_being_built_is_one_sentence_and_no_error(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setenv("CC", "no-such-compiler")
    build.main()
    assert "the same values: no C compiler found; install gcc or clang" in capsys.readouterr().out
    failing = tmp_path / "cc"
    failing.write_text("#!/bin/sh\necho cannot do that\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("CC", str(failing))
    build.main()
    assert "cc failed: cannot do that" in capsys.readouterr().out
    assert not build.library().exists() and not list(build.library().parent.iterdir())


def test_the_build_needs_the_standard_library_alone_and_its_name_follows_the_source(compiled, tmp_path, monkeypatch):
    environment = {"PATH": "/usr/bin:/bin"}
    command = "import sys, runpy; sys.prefix = sys.argv[1]; runpy.run_path(sys.argv[2], run_name='__main__')"
    subprocess.run([sys.executable, "-I", "-S", "-c", command, tmp_path, build.__file__], check=True, env=environment)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert build.library().exists()
    changed = tmp_path / "changed.c"
    changed.write_text(build.SOURCE.read_text() + "\n")
    monkeypatch.setattr(build, "SOURCE", changed)
    assert not build.library().exists()


def test_variances_below_zero_give_no_noise(compiled):
    mean, variance, noise = (torch.full((1, 1, 3, 5), value) for value in (3.0, -1e-9, 4.0))
    out = torch.zeros(1, 3, 5)
    compiled.accumulate_(out, mean, variance, noise, gain=None, weights=[1.0], adc=Adc())
    assert np.all(out.numpy() == 3)
