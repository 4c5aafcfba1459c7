import numpy as np
import pytest
import torch

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.cells.synaptogen.pulse_schedules import conditioned, write
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from memristor_sim.cells.synaptogen.state_law import draw_states, set_failure
from memristor_sim.components import RandomPulses
from memristor_sim.seeds import bit_stream
from tests.memristor_sim.reference import critical_distance, distance

PARAMETERS = Synaptogen().parameters
COUNT = 100_000


@pytest.mark.parametrize("cycles", [0, 8, 60])
@pytest.mark.parametrize("is_set", [False, True])
def test_looked_up_states_have_the_distribution_of_written_cells(cycles, is_set):
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(1), cycles=cycles)
    write(cells, torch.full((COUNT,), int(is_set), dtype=torch.uint8), 2)
    looked_up = draw_states(PARAMETERS, np.full(COUNT, is_set), cycles, bit_stream(0, "law", cycles, is_set)).astype(
        np.float64
    )
    written = cells.state.half().double().numpy()
    assert distance(looked_up, written) < critical_distance(looked_up, written)
    assert looked_up.std() == pytest.approx(written.std(), rel=0.02)
    for share in (1e-3, 0.999):  # tails
        assert np.quantile(looked_up, share) == pytest.approx(np.quantile(written, share), abs=0.012)


@pytest.mark.parametrize("is_set", [False, True])
def test_looked_up_states_after_random_pulses_are_those_of_played_ones(is_set):
    """Each array has its own pulses; that a cell may be in mid-cycle at their end shifts states by next to nothing."""
    played, looked_up = [], []
    for array in range(40):
        cells = conditioned(PARAMETERS, (1000,), RandomPulses(count=50), np.random.default_rng(array), play=True)
        write(cells, torch.full((1000,), int(is_set), dtype=torch.uint8), 2)
        played.append(cells.state.half().double().numpy())
        sampled = conditioned(PARAMETERS, (1000,), RandomPulses(count=50), np.random.default_rng(array))
        cycles = int(sampled.cycles[0])
        looked_up.append(draw_states(PARAMETERS, np.full(1000, is_set), cycles, bit_stream(0, "played", array)))
    played, looked_up = np.concatenate(played), np.concatenate(looked_up).astype(np.float64)
    assert distance(looked_up, played) < critical_distance(looked_up, played)


def test_float16_hardly_changes_the_variance():
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(1), cycles=8)
    exact = cells.state.double()
    rounding = exact.half().double() - exact
    assert rounding.var() < 1e-4 * exact.var() and abs(rounding.mean()) < 1e-2 * exact.std() / COUNT**0.5 * 10


def test_set_failure_agrees_with_thresholds_drawn():
    cells = PulsedCells(PARAMETERS, COUNT, np.random.default_rng(3), cycles=8)
    assert 0 < set_failure(PARAMETERS, 8) < 1e-4
    assert float((cells.features[1] < -2.0).double().mean()) < 1e-3


def test_set_states_hold_for_every_shape_and_are_float16():
    is_set = np.random.default_rng(0).random((3, 5, 7)) < 0.5
    states = draw_states(PARAMETERS, is_set, 3, bit_stream(0, "shape"))
    assert states.shape == is_set.shape and states.dtype == np.float16
    assert states[is_set].max() < 0.5 < states[~is_set].min()


class Words:
    """A generator of given words of 32 bit."""

    def __init__(self, words: np.ndarray):
        self._words = words.astype(np.uint32)

    def random_raw(self, count: int) -> np.ndarray:
        """Two words in each."""
        return np.resize(self._words, 2 * count).view(np.uint64)


@pytest.mark.parametrize("is_set", [False, True])
def test_the_last_bin_at_either_end_is_resolved_by_the_low_half_of_its_word(is_set):
    low_half = np.linspace(0, 65535, 64).astype(np.uint32)
    ends = [
        draw_states(PARAMETERS, np.full(64, is_set), 100, Words((index << 16) + low_half)).astype(float)
        for index in (0, 65535)
    ]
    inside = draw_states(PARAMETERS, np.full(64, is_set), 100, Words((np.uint32(1000) << 16) + low_half))
    assert np.unique(inside).size == 1
    assert all(np.unique(states).size > 1 for states in ends)
    assert ends[0].max() < float(inside[0]) < ends[1].min()
