"""The joint law of verified cells against the same pulses played one by one."""

import numpy as np
import pytest
import torch

from memristor_sim.cells.synaptogen import Synaptogen, pulse_schedules, verified_law
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from memristor_sim.cells.synaptogen.state_law import draw_states, set_failure
from memristor_sim.cells.synaptogen.verified_law import draw_verified
from memristor_sim.components import Cycles, RandomPulses, Verify, Writing
from tests.memristor_sim.reference import critical_distance, distance

PARAMETERS = Synaptogen().parameters
COUNT = 40_000


def drawn(level, cycles, verify, seed=1, count=COUNT):
    """States, and how many were off before each round and after the last."""
    states, off = verified_law._level_states(PARAMETERS, level, count, cycles, verify, np.random.default_rng(seed))
    return states.astype(np.float64), off


def played(level, cycles, verify, seed=2):
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(seed), cycles=cycles)
    targets = torch.full((COUNT,), level, dtype=torch.uint8)
    pulse_schedules.write(cells, targets, 2)
    off = pulse_schedules.rewrite_outliers(cells, targets, 2, verify)
    return cells.state.numpy().astype(np.float64), off


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(
    ("cycles", "verify"),
    [
        (0, Verify(tolerance=0.05)),
        (8, Verify(tolerance=0.05)),
        (8, Verify(tolerance=0.1, rounds=3)),
        (300, Verify(tolerance=0.025, rounds=2, read_v=0.2)),
    ],
    ids=str,
)
def test_states_and_rounds_follow_the_played_pulses(level, cycles, verify):
    ours, off = drawn(level, cycles, verify)
    theirs, off_played = played(level, cycles, verify)
    assert distance(ours, theirs) < critical_distance(ours, theirs)
    spread = theirs.std()
    assert ours.mean() == pytest.approx(theirs.mean(), abs=5 * spread / np.sqrt(COUNT / 2))
    assert ours.var() == pytest.approx(theirs.var(), rel=0.05)
    points = [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]
    np.testing.assert_allclose(np.quantile(ours, points), np.quantile(theirs, points), atol=0.15 * spread)
    size = max(len(off), len(off_played))
    off, off_played = (np.pad(np.array(one, float), (0, size - len(one))) for one in (off, off_played))
    assert (np.abs(off - off_played) <= 5 * np.sqrt(off + off_played + 1)).all()


def test_cells_that_pass_are_within_the_tolerance_and_the_others_are_counted():
    verify = Verify(tolerance=0.04, rounds=2)
    middle = pulse_schedules.level_states(PARAMETERS, 2)
    for level in (0, 1):
        states, off = drawn(level, 8, verify)
        outside = np.abs(states - middle[level]) > verify.tolerance * (middle[0] - middle[1]) + 5e-4  # float16
        assert 0 < outside.sum() <= off[-1] < off[1] < off[0]


def test_no_rounds_are_a_plain_write():
    verify = Verify(rounds=0)
    for level in (0, 1):
        plain = draw_states(PARAMETERS, np.full(COUNT, level == 1), 8, np.random.SFC64(3)).astype(np.float64)
        ours, off = drawn(level, 8, verify)
        assert len(off) == 1 and distance(ours, plain) < critical_distance(ours, plain)


def test_a_seed_is_one_array_of_any_shape():
    is_set = np.random.default_rng(0).random((30, 50)) < 0.3
    one, again, other = (draw_verified(PARAMETERS, is_set, 8, Verify(), np.random.SFC64(seed)) for seed in (1, 1, 2))
    assert one.dtype == np.float16 and one.shape == is_set.shape
    assert (one == again).all() and (one != other).mean() > 0.5
    assert one[is_set].mean() < 0.3 < 0.7 < one[~is_set].mean()
    for empty in (np.zeros(7, bool), np.ones(7, bool), np.zeros(0, bool)):
        assert draw_verified(PARAMETERS, empty, 8, Verify(), np.random.SFC64(1)).shape == empty.shape


def test_a_cell_that_cannot_be_set_stays_on_high_resistance(monkeypatch):
    monkeypatch.setattr(verified_law, "set_failure", lambda *_: 0.01)
    states, off = drawn(1, 8, Verify(tolerance=0.05, rounds=3))
    writes = COUNT + sum(off[:3])
    assert (states > 0.5).sum() == pytest.approx(0.01 * writes, rel=0.2)
    assert 0 < set_failure(PARAMETERS, 8) < 1e-6


def test_played_pulses_and_more_levels_take_the_pulsed_path(monkeypatch):
    monkeypatch.setattr(verified_law, "draw_verified", lambda *_: pytest.fail("the law was used"))
    levels = np.random.default_rng(0).integers(0, 2, (8, 8)).astype(np.uint8)
    for changes in ({"play_pulses": True, "conditioning": Cycles(count=2)}, {"levels": 4}):
        writing = Writing(verify=Verify(), **changes)
        assert Synaptogen().written_states(levels, writing, np.random.SFC64(1)).shape == levels.shape
    monkeypatch.undo()
    writing = Writing(verify=Verify(tolerance=0.05), conditioning=RandomPulses())
    assert Synaptogen().written_states(levels, writing, np.random.SFC64(1)).dtype == np.float16
