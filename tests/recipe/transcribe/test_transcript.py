"""Pieces, times and read noise of a transcript. The model only draws noise; the search always finds two words."""

from types import SimpleNamespace

import pytest
import torch

from recipe.decoding.search import Hypothesis
from recipe.features.config import LogMelConfig
from recipe.transcribe import transcript
from recipe.transcribe.transcript import Word, transcribe

RATE_HZ = LogMelConfig().sample_rate_hz
PIECES = [(0, 2 * RATE_HZ), (2 * RATE_HZ, 5 * RATE_HZ)]
SAMPLES = torch.randn(5 * RATE_HZ, generator=torch.Generator().manual_seed(0))


class Noise(torch.nn.Module):
    """Log posteriors [B, T, 3] that depend on torch's global generator alone, as read noise does."""

    def forward(self, features, lengths):
        return torch.randn(len(features), int(lengths[0]), 3), lengths


@pytest.fixture
def searched(monkeypatch) -> list[torch.Tensor]:
    """The log posteriors that the search was given, piece by piece."""
    given: list[torch.Tensor] = []

    def search(log_posteriors) -> Hypothesis:
        given.append(torch.from_numpy(log_posteriors))
        return Hypothesis("one two", 0.0, ((0.25, 0.5), (0.5, 1.0)))

    monkeypatch.setattr(transcript, "loaded_model", lambda system: Noise())
    monkeypatch.setattr(transcript, "log_prior", lambda system: None)
    monkeypatch.setattr(transcript, "Search", lambda *arguments: search)
    return given


def system(read_noise_seed: int = 0) -> SimpleNamespace:
    return SimpleNamespace(
        features=LogMelConfig(), search=None, lm_scale=1.0, prior_scale=0.0, read_noise_seed=read_noise_seed
    )


def test_times_count_from_the_start_of_the_recording(searched):
    found = transcribe(system(), SAMPLES, PIECES, None)
    first = (Word("one", 0.25, 0.5), Word("two", 0.5, 1.0))
    assert found.words == (*first, Word("one", 2.25, 2.5), Word("two", 2.5, 3.0))
    assert found.text == "one two one two"


def test_every_piece_is_recognised_by_itself(searched):
    transcribe(system(), SAMPLES, PIECES, None)
    assert [len(posteriors) for posteriors in searched] == pytest.approx([200, 300], abs=3)  # 10 ms frames


def test_read_noise_follows_from_its_seed(searched):
    for seed in (1, 1, 2):
        torch.manual_seed(99 - len(searched))  # whatever was drawn before
        transcribe(system(seed), SAMPLES, PIECES[:1], None)
    assert torch.equal(searched[0], searched[1]) and not torch.equal(searched[0], searched[2])


def test_read_noise_is_that_of_the_emissions_with_the_same_seed(searched):
    transcribe(system(7), SAMPLES, PIECES, None)
    torch.manual_seed(7)
    assert all(torch.equal(posteriors, torch.randn(1, len(posteriors), 3)[0]) for posteriors in searched)
