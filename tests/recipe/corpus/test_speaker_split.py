"""Parts drawn by speaker."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.speaker_split import SpeakerSplit, drawn_speakers
from recipe.errors import InputError

SETS = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.integers(1, 100), min_size=3, max_size=40)


@given(SETS, st.integers(0, 5))
def test_every_part_gets_a_speaker_and_training_keeps_one(utterances, seed):
    drawn = drawn_speakers(utterances, {"dev": 0.1, "test": 0.1}, seed)
    assert set(drawn.values()) == {"dev", "test"}
    assert len(drawn) < len(utterances) and drawn.keys() <= utterances.keys()


def test_shares_are_met_with_many_speakers():
    utterances = {f"s{number}": 10 + number % 7 for number in range(200)}
    drawn = drawn_speakers(utterances, {"dev": 0.1, "test": 0.2}, seed=1)
    counts = Counter()
    for speaker, part in drawn.items():
        counts[part] += utterances[speaker]
    total = sum(utterances.values())
    assert counts["dev"] / total == pytest.approx(0.1, abs=0.01)
    assert counts["test"] / total == pytest.approx(0.2, abs=0.01)


def test_a_speaker_of_most_utterances_stays_in_training():
    utterances = {"much": 1000, **{f"s{number}": 10 for number in range(10)}}
    for seed in range(20):
        assert "much" not in drawn_speakers(utterances, {"dev": 0.05, "test": 0.05}, seed)


def test_one_more_speaker_moves_few_others():
    utterances = {f"s{number}": 10 for number in range(100)}
    before = drawn_speakers(utterances, {"dev": 0.1, "test": 0.1}, seed=1)
    after = drawn_speakers({**utterances, "new": 10}, {"dev": 0.1, "test": 0.1}, seed=1)
    assert sum(before.get(speaker) != after.get(speaker) for speaker in utterances) <= 4


def test_the_seed_decides_who_is_drawn():
    utterances = {f"s{number}": 10 for number in range(100)}
    draws = [drawn_speakers(utterances, {"dev": 0.1, "test": 0.1}, seed) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] and len(draws[0].keys() & draws[2].keys()) < 10


def test_too_few_speakers_are_refused():
    with pytest.raises(InputError, match=r"2 speaker\(s\) cannot be divided"):
        drawn_speakers({"a": 5, "b": 5}, {"dev": 0.1, "test": 0.1}, seed=1)


@pytest.mark.parametrize("shares", [{"dev_percent": 0}, {"test_percent": -1}, {"dev_percent": 30, "test_percent": 30}])
def test_shares_that_cannot_be(shares):
    with pytest.raises(InputError, match="give shares above 0, together at most 50"):
        SpeakerSplit(**shares)
