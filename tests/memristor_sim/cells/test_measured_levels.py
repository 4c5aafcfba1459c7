"""Cells from a table: the law of their states, the layers that they make, and what is refused."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from sisyphus.hash import short_hash
from torch import nn

from memristor_sim import MemristorError, prepare, program
from memristor_sim.cells.measured_levels import EXAMPLE, MeasuredLevels
from memristor_sim.components import Cycles, Dac, RandomPulses, StuckAt, Verify, Writing
from memristor_sim.hardware import paper, physical
from memristor_sim.seeds import bit_stream
from tests.memristor_sim.reference import critical_distance, distance, matrix_product

TWO = MeasuredLevels(mean_us=(4.0, 90.0), std_us=(1.0, 5.0))
FOUR = MeasuredLevels(mean_us=(10.0, 33.0, 57.0, 80.0), std_us=(2.0, 3.0, 4.0, 5.0), spread="normal")
COUNT = 20_000


def conductances_us(cell, level, count=COUNT):
    levels = np.full(count, level, np.uint8)
    states = cell.written_states(levels, Writing(levels=len(cell.mean_us)), bit_stream(0, "table", level))
    assert states.dtype == np.float16 and states.shape == (count,)
    return states.astype(np.float64) * cell.mean_us[-1]


@st.composite
def tables(draw):
    steps = draw(st.lists(st.floats(0.5, 300), min_size=2, max_size=8))
    means = np.cumsum(steps)
    spread, widest = draw(st.sampled_from([("lognormal", 0.8), ("normal", 0.3)]))
    stds = [mean * draw(st.floats(0.01, widest)) for mean in means]
    return MeasuredLevels(mean_us=means, std_us=stds, spread=spread)


@given(tables())
@example(MeasuredLevels(mean_us=(10.0, 90.0), std_us=(9.0, 70.0)))
def test_cells_of_each_level_have_the_mean_and_spread_of_the_table(cell):
    for level, (mean, std) in enumerate(zip(cell.mean_us, cell.std_us, strict=True)):
        drawn = conductances_us(cell, level)
        assert drawn.mean() == pytest.approx(mean, abs=5 * std / COUNT**0.5 + 1e-4 * mean)
        assert drawn.std() == pytest.approx(std, rel=0.08)
        assert drawn.min() >= 0 and (drawn.min() > 0 or cell.spread == "normal")


@pytest.mark.parametrize("spread", ["lognormal", "normal"])
def test_the_law_is_the_one_that_is_asked_for(spread):
    cell = MeasuredLevels(mean_us=(10.0, 90.0), std_us=(3.0, 25.0), spread=spread)
    random = np.random.default_rng(0)
    for level, (mean, std) in enumerate(zip(cell.mean_us, cell.std_us, strict=True)):
        sigma = np.sqrt(np.log(1 + (std / mean) ** 2))
        wanted = {
            "normal": lambda mean=mean, std=std: random.normal(mean, std, COUNT),
            "lognormal": lambda mean=mean, sigma=sigma: random.lognormal(np.log(mean) - sigma**2 / 2, sigma, COUNT),
        }
        drawn = conductances_us(cell, level)
        for law, draw in wanted.items():
            assert (distance(drawn, draw()) < critical_distance(drawn, drawn)) == (law == spread)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.Linear(40, 12), (3, 5, 40)),
        (lambda: nn.Conv1d(6, 8, 4, padding=2, stride=2, groups=2), (2, 6, 21)),
        (lambda: nn.LSTM(12, 9, bidirectional=True), (6, 2, 12)),
    ],
    ids=["linear", "conv", "lstm"],
)
@pytest.mark.parametrize(("cell", "levels"), [(TWO, 2), (FOUR, 4)])
def test_layers_compute_what_they_replace(make, shape, cell, levels):
    torch.manual_seed(0)
    layer, x = make(), torch.randn(shape)
    built = program(copy.deepcopy(layer), physical(cell=cell, levels=levels), 1, calibration=[x])
    result, wanted = (y[0] if isinstance(y, tuple) else y for y in (built(x), layer(x)))
    result, wanted = result.flatten().double(), wanted.detach().flatten().double()
    assert float(result @ wanted / (wanted @ wanted)) == pytest.approx(1, abs=0.1)
    assert np.corrcoef(result, wanted)[0, 1] > 0.98


@pytest.mark.parametrize("full_scale_v", [0.6, 0.2])
def test_a_weaker_drive_is_made_up_for(full_scale_v):
    layer = nn.Linear(30, 20, bias=False)
    hardware = physical(cell=TWO, read_noise=None, dac=Dac(full_scale_v=full_scale_v))
    built = program(copy.deepcopy(layer), hardware, 1, input_range=1.0)
    x = torch.rand(50, 30) * 2 - 1
    ideal = layer(x).detach()
    assert float((built(x) * ideal).sum() / (ideal**2).sum()) == pytest.approx(1, abs=0.03)
    product = matrix_product(x.double().numpy(), built.crossbar) * float(built.scale[0])
    np.testing.assert_allclose(built(x).numpy(), product, atol=3 * float(built.scale[0]) / 16)


def test_a_given_factor_counts_before_the_cells_own():
    x, layer = torch.rand(20, 30), nn.Linear(30, 20, bias=False)
    own = TWO.value_per_ampere(0.6)
    given = [physical(cell=TWO, read_noise=None, value_per_ampere=factor) for factor in (None, own, own / 2)]
    results = [program(copy.deepcopy(layer), hardware, 1, input_range=1.0)(x) for hardware in given]
    assert torch.equal(results[0], results[1])
    assert float(results[2].norm() / results[0].norm()) == pytest.approx(0.5, abs=0.05)


def test_stuck_cells_take_the_law_of_the_outermost_levels():
    layer = nn.Linear(60, 50, bias=False)
    for stuck, mean_us in ((StuckAt(high=1.0), 80.0), (StuckAt(low=1.0), 10.0)):
        crossbar = program(
            copy.deepcopy(layer), physical(cell=FOUR, levels=4, stuck_at=stuck), 1, input_range=1.0
        ).crossbar
        assert float(crossbar.r_plus.double().mean()) * 80 == pytest.approx(mean_us, rel=0.01)


def test_devices_are_seeded_and_arrays_independent():
    layer = nn.Linear(40, 30)
    states = [
        program(copy.deepcopy(layer), physical(cell=TWO), seed, input_range=1.0).crossbar.r_plus for seed in (1, 1, 2)
    ]
    assert torch.equal(states[0], states[1]) and not torch.equal(states[0], states[2])


def test_states_of_another_table_are_refused():
    saved = program(nn.Sequential(nn.Linear(4, 3)), physical(cell=TWO), 0, input_range=1.0).state_dict()
    prepare(nn.Sequential(nn.Linear(4, 3)), physical(cell=TWO)).load_state_dict(saved)
    other = MeasuredLevels(mean_us=(4.0, 90.0), std_us=(1.0, 6.0))
    for hardware in (physical(cell=other), physical()):
        with pytest.raises(MemristorError, match="another mapping .*MeasuredLevels"):
            prepare(nn.Sequential(nn.Linear(4, 3)), hardware).load_state_dict(saved)


def write_table(folder, text):
    path = folder / "levels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_content_of_the_file_enters_the_job_hash(tmp_path):
    first = write_table(tmp_path, "level,mean_us,std_us\n0,4,1\n1,90,5\n")
    assert MeasuredLevels.from_csv(first) == TWO
    (tmp_path / "b").mkdir()
    second = write_table(tmp_path / "b", "# bench 3\nstd_us, level, mean_us, cells\n1, 0, 4, 64\n\n5, 1, 90.0, 64\n")
    hashes = [short_hash(physical(cell=MeasuredLevels.from_csv(path))) for path in (first, second)]
    write_table(tmp_path, "level,mean_us,std_us\n0,4,1\n1,90,5.5\n")
    hashes += [short_hash(physical(cell=MeasuredLevels.from_csv(first))), short_hash(physical())]
    assert hashes[0] == hashes[1] and len(set(hashes)) == 3


HEADER = "level,mean_us,std_us\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "levels.csv, line 1: column 'level' is missing; give level,mean_us,std_us"),
        ("level,mean_us\n0,1\n", "levels.csv, line 1: column 'std_us' is missing; give level,mean_us,std_us"),
        (HEADER, "levels.csv, line 1: the table ends here; give at least two levels"),
        (HEADER + "0,4,1\n", "levels.csv, line 2: the table ends here; give at least two levels"),
        (HEADER + "0,4,1\n1,3,1\n", "levels.csv, line 3: mean_us is 3 after 4; sort levels"),
        (HEADER + "0,4,1\n1,4,1\n", "levels.csv, line 3: mean_us is 4 after 4; sort levels"),
        (HEADER + "# a\n0,-4,1\n1,3,1\n", "levels.csv, line 3: mean_us is -4; give a number above 0"),
        (HEADER + "0,0,1\n1,3,1\n", "levels.csv, line 2: mean_us is 0; give a number above 0"),
        (HEADER + "0,4,1\n1,inf,1\n", "levels.csv, line 3: mean_us is inf; give a number above 0"),
        (HEADER + "0,4,0\n1,9,1\n", "levels.csv, line 2: std_us is 0; give a number above 0"),
        (HEADER + "0,4,1\n1,9,-1\n", "levels.csv, line 3: std_us is -1; give a number above 0"),
        (HEADER + "0,4,nan\n1,9,1\n", "levels.csv, line 2: std_us is nan; give a number above 0"),
        (HEADER + "1,4,1\n2,9,1\n", "levels.csv, line 2: level is 1; number them 0, 1, 2 ..., so 0 here"),
        (HEADER + "0,4,1\n\n0,9,1\n", "levels.csv, line 4: level is 0; number them 0, 1, 2 ..., so 1 here"),
        (HEADER + "0,4,1\n1,nine,1\n", "levels.csv, line 3: '1,nine,1' lacks a number"),
        (HEADER + "0,4,1\n1,9\n", "levels.csv, line 3: '1,9' lacks a number"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(MemristorError) as caught:
        MeasuredLevels.from_csv(write_table(tmp_path, text))
    sentence = str(caught.value)
    assert message in sentence and "\n" not in sentence and sentence.endswith(".")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(MemristorError, match="none.csv cannot be read"):
        MeasuredLevels.from_csv(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MeasuredLevels(mean_us=(1.0, 2.0), std_us=(1.0,)), "2 means and 1 deviations"),
        (
            lambda: MeasuredLevels(mean_us=(2.0, 1.0), std_us=(0.1, 0.1)),
            "level 1: mean_us is 1 after 2",
        ),
        (lambda: MeasuredLevels(mean_us=(2.0, 9.0), std_us=(1.0, 1.0), spread="normal"), "negative conductances"),
        (lambda: MeasuredLevels(mean_us=(2.0, 9.0), std_us=(1.0, 1.0), spread="uniform"), "'uniform': give one of"),
        (lambda: physical(cell=TWO, levels=4), "Hardware.levels is 4, but the table of MeasuredLevels has 2"),
        (lambda: physical(cell=FOUR), "Hardware.levels is 2, but the table of MeasuredLevels has 4"),
        (lambda: physical(cell=TWO, verify=Verify()), "cannot be verified"),
        (lambda: physical(cell=TWO, conditioning=RandomPulses()), "no history"),
        (lambda: physical(cell=TWO, conditioning=Cycles(count=1)), "no history"),
        (lambda: physical(cell=TWO, play_pulses=True), "no history"),
        (lambda: paper(cell=TWO), "no history"),
    ],
)
def test_what_the_cell_cannot_be_is_refused_in_one_sentence(build, message):
    with pytest.raises(MemristorError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_the_example_is_marked_as_invented():
    assert "Invented" in EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert str(MeasuredLevels.from_csv(EXAMPLE)) == "2 measured levels of 4 to 100 µS, lognormal"


def test_a_weight_of_one_at_full_drive_is_one():
    assert TWO.value_per_ampere(0.6) * (90e-6 - 4e-6) * 0.6 == pytest.approx(1, rel=1e-12)
