import math

import numpy as np
import pytest

from recipe.errors import InputError
from recipe.formats.utterances import UtteranceErrors
from recipe.scoring import wer


def drawn(rate: float, count: int, generator: np.random.Generator) -> list[UtteranceErrors]:
    """Utterances of 4 to 12 words, each word wrong with the given probability."""
    words = generator.integers(4, 13, count)
    wrong = generator.binomial(words, rate)
    return [
        UtteranceErrors(f"c/t/{n}", int(w), 0, 0, int(e)) for n, (w, e) in enumerate(zip(words, wrong, strict=True))
    ]


@pytest.fixture
def few_replicates(monkeypatch):
    monkeypatch.setattr(wer, "REPLICATES", 1000)


def test_summary_counts_and_rates():
    utterances = [UtteranceErrors("c/t/1", 10, 1, 2, 3), UtteranceErrors("c/t/2", 30, 4, 0, 0)]
    found = wer.summary(utterances)
    expected = {"utterances": 2, "words": 40, "insertions": 5, "deletions": 2, "substitutions": 3, "wer_percent": 25.0}
    assert {key: found[key] for key in expected} == expected
    # of four equally likely draws, one takes only the second utterance and one only the first
    assert found["interval95_percent"] == [pytest.approx(100 * 4 / 30), pytest.approx(60.0)]


def test_without_words_there_is_no_rate():
    with pytest.raises(InputError, match="no words"):
        wer.wer_percent([UtteranceErrors("c/t/1", 0, 1, 0, 0)])


def test_equal_errors_everywhere_leave_no_doubt():
    utterances = [UtteranceErrors(f"c/t/{n}", 8, 0, 0, 2) for n in range(50)]
    assert wer.interval(utterances) == [25.0, 25.0]


def test_interval_is_reproducible_and_has_the_binomial_width():
    utterances = drawn(0.1, 2000, np.random.default_rng(1))
    low, high = wer.interval(utterances, seed=4)
    assert [low, high] == wer.interval(utterances, seed=4)
    words = sum(one.words for one in utterances)
    assert high - low == pytest.approx(2 * 1.96 * 100 * math.sqrt(0.1 * 0.9 / words), rel=0.1)


def test_intervals_cover_the_true_rate_as_often_as_they_say(few_replicates):
    generator = np.random.default_rng(2)
    covered = 0
    for seed in range(150):
        low, high = wer.interval(drawn(0.12, 150, generator), seed)
        covered += low <= 12.0 <= high
    print(f"\n95 % intervals cover in {covered} of 150 draws")
    assert 0.90 <= covered / 150 <= 0.98
