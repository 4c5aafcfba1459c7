"""Reading an LM text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.text_rule import UNCHANGED
from recipe.corpus_report.leaks import SentenceIndex
from recipe.corpus_report.lm_text import EvenSample, read_lm_text
from recipe.formats.segments import Segment


@given(st.integers(0, 400), st.integers(1, 20))
def test_a_sample_is_evenly_spaced_from_the_first_on_and_at_least_half_full(length, limit):
    sample = EvenSample(limit)
    for number in range(length):
        sample.add(str(number))
    chosen = [int(item) for item in sample.items]
    steps = {after - before for before, after in zip(chosen, chosen[1:], strict=False)}
    assert chosen[:1] == [0][:length] and len(steps) <= 1
    assert min(length, (limit + 1) // 2) <= len(chosen) <= limit
    assert length - max(chosen, default=0) <= max(steps, default=length)


def segment(number, words):
    return Segment(f"dev/a/{number}", "a.sph", number, number + 1, "a", words)


@pytest.mark.parametrize("limit", [1000, 10])
def test_words_are_counted_in_the_sample_and_leaks_are_found_in_every_line(tmp_path, limit):
    lines = [f"w{number % 7} and so on" for number in range(100)]
    lines[57] = "so one two three four five six it is"
    (tmp_path / "text.txt").write_text("".join(f"{line}\n" for line in lines))
    index = SentenceIndex(
        {"dev": [segment(1, "one two three four five six"), segment(2, "six five four three two one")]}
    )
    unseen = {"four", "w3", "elsewhere"}
    text = read_lm_text(str(tmp_path / "text.txt"), UNCHANGED, index, unseen, limit)
    assert (text.lines, unseen) == (100, {"elsewhere"})
    assert text.sampled_lines == (100 if limit == 1000 else 7)  # every 16th
    assert text.counts["and"] == text.sampled_lines - (limit == 1000)
    [leak] = text.leaks
    assert (leak.count, leak.of, leak.examples) == (1, 2, ["dev/a/1 (sentence 58)"])
