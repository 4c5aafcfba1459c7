import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.spoken_games.check import length_fits, length_ratios, speech_span, worst_scores


def test_speech_is_found_between_silence():
    samples = np.zeros(30_000, np.float32)
    samples[10_000:20_000] = 0.3
    start, end = speech_span(samples, 10_000)
    assert (start, end) == (10_000, 20_000)
    assert speech_span(np.zeros(5_000, np.float32), 10_000) == (0, 0)
    assert speech_span(np.zeros(3, np.float32), 10_000) == (0, 0)


def test_hum_far_below_speech_is_no_speech():
    samples = np.full(30_000, 0.005, np.float32)
    samples[10_000:20_000] = 0.5
    assert speech_span(samples, 10_000) == (10_000, 20_000)


def test_voices_are_compared_with_themselves():
    words = ["so many words are here"] * 60
    slow, quick = [4.0] * 20, [1.0] * 40
    ratios = length_ratios(["slow"] * 20 + ["quick"] * 40, words, slow + quick)
    assert all(length_fits(ratio) for ratio in ratios)
    mixed = length_ratios(["one"] * 60, words, slow + quick)
    assert not any(length_fits(ratio) for ratio in mixed[:20])  # as one voice, the slow ones are outliers


def test_a_swapped_text_is_found():
    words = ["a rather long sentence that takes a while to say"] * 20 + ["no"]
    ratios = length_ratios(["hero"] * 21, words, [3.0] * 20 + [3.0])
    assert [length_fits(ratio) for ratio in ratios] == [True] * 20 + [False]


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), st.floats(0, 10), max_size=30), st.floats(0, 1))
def test_the_worst_are_left_out(scores, share):
    worst = worst_scores(scores, share)
    assert len(worst) <= share * len(scores) < len(worst) + 1
    kept = set(scores) - set(worst)
    assert not worst or not kept or min(scores[name] for name in worst) >= max(scores[name] for name in kept)
