from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.spoken_games.split import HELD_OUT, SCENES, split

CLIP = st.tuples(
    st.sampled_from([f"scene {k}" for k in range(12)]),
    st.sampled_from([f"voice {k}" for k in range(40)]),
    st.sampled_from([f"sentence {k}" for k in range(60)]),
    st.floats(0.5, 9.0),
)


@given(st.lists(CLIP, min_size=1, max_size=120), st.sampled_from(HELD_OUT), st.integers(0, 5))
def test_parts_share_neither_units_nor_sentences(clips, held_out, seed):
    scenes, voices, words, seconds = map(list, zip(*clips, strict=True))
    minutes = {"test": 1.0, "dev": 0.5}
    parts, moved = split(scenes, voices, words, seconds, held_out, seed, minutes)
    units = scenes if held_out == SCENES else voices
    parts_of_unit, parts_of_sentence = defaultdict(set), defaultdict(set)
    for part, unit, sentence in zip(parts, units, words, strict=True):
        if part is not None:
            parts_of_sentence[sentence].add(part)
        if part in minutes:
            parts_of_unit[unit].add(part)
    assert all(len(found) == 1 for found in parts_of_sentence.values())
    assert all(len(found) == 1 for found in parts_of_unit.values())
    for part, limit in minutes.items():
        assert sum(s for p, s in zip(parts, seconds, strict=True) if p == part) <= 60 * limit * 1.02 + 1e-6
    assert 0 <= moved <= len(clips)
    if held_out == SCENES:
        assert None not in parts


def test_held_out_voices_are_unheard_and_frequent_ones_are_not_held_out():
    voices = [f"v{k % 40}" for k in range(400)] + ["hero"] * 300
    words = [f"line {k}" for k in range(700)]
    parts, _ = split(["s"] * 700, voices, words, [2.0] * 700, "voices", 1, {"test": 2.0, "dev": 2.0})
    by_part = {p: {v for v, q in zip(voices, parts, strict=True) if q == p} for p in ("train", "dev", "test")}
    assert "hero" in by_part["train"] and by_part["dev"] and by_part["test"]
    assert not by_part["train"] & by_part["dev"] and not (by_part["train"] | by_part["dev"]) & by_part["test"]


@pytest.mark.parametrize("held_out", HELD_OUT)
def test_the_seed_decides(held_out):
    scenes, voices = [f"s{k // 5}" for k in range(300)], [f"v{k % 50}" for k in range(300)]
    words = [f"line {k}" for k in range(300)]
    arguments = (scenes, voices, words, [2.0] * 300, held_out)
    first = split(*arguments, 1, {"test": 1.0, "dev": 1.0})
    assert first == split(*arguments, 1, {"test": 1.0, "dev": 1.0})
    assert first != split(*arguments, 2, {"test": 1.0, "dev": 1.0})
