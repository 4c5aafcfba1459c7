import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.decoding.config import SearchConfig
from recipe.decoding.recognise import recognise
from recipe.decoding.tune import GridPoint, Tuning, best, descend, read_points, write_points
from recipe.errors import InputError
from recipe.scoring.alignment import count_errors


@pytest.fixture
def inputs(toy, plant):
    words = {"1": "cat dog", "2": "a dog", "3": "dog dad", "4": "tad"}
    paths = {"1": "K AE T# . D AO G#", "2": "AE# . D . AO G#", "3": "D AO G# . D AE D#", "4": "T AE D#"}
    toy.write_segments(words)
    toy.write_emissions({n: plant(paths[n], strength=3.0, seed=int(n)) for n in words})
    return toy.load()


def test_tuning_counts_what_separate_searches_count_and_keeps_the_best_one(inputs):
    tuning, searches = Tuning(inputs, SearchConfig()), {}
    for prior_scale in (3.0, 0.0, 0.5, 2.0):
        point = tuning(1.5, prior_scale)
        found = searches[point] = recognise(inputs, SearchConfig(), 1.5, prior_scale)
        errors = sum(count_errors(segment.words, found[segment.name].words) for segment in inputs.segments)
        assert point == GridPoint(1.5, prior_scale, errors, 7)
        assert tuning.hypotheses == searches[best([*searches])]
    assert tuning.points == [*searches] and len({point.errors for point in searches}) > 1


def test_a_prior_that_misleads_gets_no_weight(inputs):
    inputs.log_prior[:] = np.where(np.arange(11) == 9, -30.0, -0.1)  # as if AE# were hardly ever spoken
    tuning = Tuning(inputs, SearchConfig())
    assert best([tuning(0.5, 0.0), tuning(0.5, 1.0)]).prior_scale == 0.0


def test_ties_go_to_the_smaller_scales_whatever_the_order():
    points = [
        GridPoint(lm, prior, errors, 100) for lm, prior, errors in [(2, 0.3, 5), (1, 0.5, 5), (1, 0.1, 5), (0, 0, 6)]
    ]
    assert best(points) == best(points[::-1]) == GridPoint(1, 0.1, 5, 100)


def test_points_are_read_as_written(tmp_path):
    points = [GridPoint(1.8, 0.1, 12, 345), GridPoint(2.0, 1 / 3, 0, 345)]
    write_points(str(tmp_path / "grid.csv"), points)
    assert read_points(str(tmp_path / "grid.csv")) == points


def test_tuning_without_reference_words_is_refused(toy, plant):
    toy.write_segments({"1": ""})
    toy.write_emissions({"1": plant("AE#")})
    with pytest.raises(InputError, match="hold no words"):
        Tuning(toy.load(), SearchConfig())


@given(
    st.floats(-1, 8),
    st.floats(-1, 6),
    st.integers(1, 7),
    st.integers(1, 5),
    st.tuples(st.floats(-2, 9), st.floats(-2, 7)),
)
def test_walking_down_a_valley_finds_the_best_of_the_whole_grid(lm, prior, lm_scales, prior_scales, start):
    def valley(x, y):
        return GridPoint(x, y, round(1e6 * ((x - lm) ** 2 + (y - prior) ** 2)), 100)

    scales = range(lm_scales), range(prior_scales)
    visited = descend(valley, *scales, start)
    assert best(visited) == best([valley(x, y) for x in scales[0] for y in scales[1]])
    assert len(set(visited)) == len(visited)


def test_a_walk_evaluates_its_start_and_the_neighbours_once():
    calls = []

    def evaluate(x, y):
        calls.append((x, y))
        return GridPoint(x, y, abs(x - 2) + abs(y - 1), 100)

    descend(evaluate, [0, 1, 2, 3], [0, 1, 2], (1.9, 1.2))
    assert sorted(calls) == [(1, 1), (2, 0), (2, 1), (2, 2), (3, 1)]


def test_a_plateau_is_walked_to_its_smallest_scales():
    assert best(descend(lambda x, y: GridPoint(x, y, 7, 100), [1, 2, 3], [0, 1, 2], (2, 1))) == GridPoint(1, 0, 7, 100)
