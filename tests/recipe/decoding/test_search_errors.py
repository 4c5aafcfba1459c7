from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.decoding.config import SearchConfig, SearchErrorSample
from recipe.decoding.recognise import recognise
from recipe.decoding.search_errors import evenly_spaced, sampled, search_again
from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis
from recipe.scoring.alignment import count_errors

SCALES = (1.0, 0.3)
NARROW = SearchConfig(beam=2, beam_labels=2, beam_threshold=3.0)


@pytest.fixture
def inputs(toy, plant):
    """Thirty noisy segments of one sentence: a narrow search makes errors on some."""
    path = "K K AE T# . D AO G# . . AE# . K AE T# . D AO G# ."
    toy.write_segments({str(n): "cat dog a cat dog" for n in range(30)})
    toy.write_emissions({str(n): plant(path, strength=2.5, seed=n) for n in range(30)})
    return toy.load()


def test_a_search_error_is_an_utterance_with_a_better_hypothesis_at_the_larger_width(inputs):
    narrow = recognise(inputs, NARROW, *SCALES)
    found = search_again(inputs, narrow, NARROW, 4, SCALES)
    wide = recognise(inputs, NARROW.wider(4), *SCALES)
    better = {name for name in wide if wide[name].words and wide[name].score > narrow[name].score + 1e-4}
    better |= {name for name in wide if wide[name].words and not narrow[name].words}
    assert {one.name for one in found.utterances if one.missed} == better
    assert 3 < len(better) < 30
    assert (found.search, found.wide) == ("2/2/3", "8/4/4.2")
    for one, segment in zip(found.utterances, inputs.segments, strict=True):
        assert one.name == segment.name and one.words == 5
        assert one.errors == count_errors(segment.words, narrow[segment.name].words)
        assert one.wide_errors == count_errors(segment.words, wide[segment.name].words)
    assert sum(one.errors for one in found.utterances) > sum(one.wide_errors for one in found.utterances)


def test_other_scales_give_other_scores(inputs):
    narrow = recognise(inputs, NARROW, *SCALES)
    one, other = (search_again(inputs, narrow, NARROW, 4, scales).utterances for scales in (SCALES, (2.0, 0.3)))
    assert [u.wide_score for u in one] != [u.wide_score for u in other]


def test_a_search_that_finds_no_word_is_an_error_where_the_wider_one_finds_some(inputs):
    nothing = {segment.name: Hypothesis("", 0.0, ()) for segment in inputs.segments}
    found = search_again(sampled(inputs, 3, 0), nothing, SearchConfig(), 2, SCALES)
    assert all(one.missed and one.score is None and one.wide_score < 0 for one in found.utterances)


def test_a_sample_without_a_hypothesis_is_refused(inputs):
    narrow = recognise(inputs, NARROW, *SCALES)
    del narrow["toy/t/4"]
    with pytest.raises(InputError, match="segment toy/t/4 of the sample has no hypothesis"):
        search_again(inputs, narrow, NARROW, 4, SCALES)


@given(st.integers(1, 400), st.integers(1, 60), st.integers(0, 1000))
def test_samples_are_of_their_size_without_repeats_and_evenly_spaced(length, number, shift):
    found = evenly_spaced(range(length), number, shift)
    assert len(found) == len(set(found)) == min(number, length)
    gaps = np.diff(found)
    assert len(gaps) == 0 or gaps.max() - gaps.min() <= 1


def test_devices_sample_different_utterances():
    samples = [set(evenly_spaced(range(316), 10, seed)) for seed in range(1, 11)]
    assert len(set().union(*samples)) > 90
    assert evenly_spaced(range(316), 10, 3) == evenly_spaced(range(316), 10, 3)


def test_four_times_as_wide_is_one_value():
    base = SearchConfig(beam=1024, beam_labels=12, beam_threshold=14.0, word_score=0.5, frame_shift_s=0.03)
    assert base.wider(4) == replace(base, beam=4096, beam_labels=24, beam_threshold=19.8)
    assert base.width == "1024/12/14" and base.wider(4).width == "4096/24/19.8"
    assert base.wider(2).beam_labels == 17  # 12 times the root of 2, rounded up


@pytest.mark.parametrize("changes", [{"digital_segments": 0}, {"device_segments": 0}, {"factor": 1}])
def test_samples_that_tell_nothing_are_refused(changes):
    with pytest.raises(InputError, match="SearchErrorSample needs"):
        SearchErrorSample(**changes)
