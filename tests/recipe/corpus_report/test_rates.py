"""Recordings that are resampled or mixed are told, and warned of."""

from recipe.corpus_report.limits import CorpusLimits
from recipe.corpus_report.rates import rate_findings

STATISTICS = {"recordings_by_rate_hz": {"16000": 2, "44100": 6}, "resampled_recordings": 6, "mixed_recordings": 0}


def test_other_rates_are_a_warning_with_their_counts():
    resampled, mixed = rate_findings("dev", STATISTICS)
    assert resampled.figures() == "dev: 6 of 8 (75 %) recordings are brought to 16 kHz: 2 of 16000 Hz, 6 of 44100 Hz"
    assert (resampled.verdict(CorpusLimits()), mixed.verdict(CorpusLimits())) == ("warns", "ok")
    assert mixed.of == 8


def test_statistics_without_rates_say_nothing():
    assert list(rate_findings("dev", {"segments": 5})) == []
