"""Pieces, times and read noise of a transcript. The model only draws noise; the search always finds two words."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from recipe.decoding.config import SearchConfig
from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.search import Hypothesis
from recipe.decoding.transducer_inputs import Joined
from recipe.decoding.transducer_search import TransducerSearch
from recipe.features.config import LogMelConfig
from recipe.transcribe import transcript
from recipe.transcribe.transcript import Listener, Word
from tests.recipe.models.transducers import CONTEXT_ONE, built

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
    found = Listener(system(), None).hear(SAMPLES, PIECES)
    first = (Word("one", 0.25, 0.5), Word("two", 0.5, 1.0))
    assert found.words == (*first, Word("one", 2.25, 2.5), Word("two", 2.5, 3.0))
    assert found.text == "one two one two"


def test_a_recording_is_heard_as_if_it_were_the_only_one(searched):
    listener = Listener(system(3), None)
    for _ in range(2):
        listener.hear(SAMPLES, PIECES[:1])
    assert torch.equal(*searched)


def test_every_piece_is_recognised_by_itself(searched):
    Listener(system(), None).hear(SAMPLES, PIECES)
    assert [len(posteriors) for posteriors in searched] == pytest.approx([200, 300], abs=3)  # 10 ms frames


def test_read_noise_follows_from_its_seed(searched):
    for seed in (1, 1, 2):
        torch.manual_seed(99 - len(searched))  # whatever was drawn before
        Listener(system(seed), None).hear(SAMPLES, PIECES[:1])
    assert torch.equal(searched[0], searched[1]) and not torch.equal(searched[0], searched[2])


def test_read_noise_is_that_of_the_emissions_with_the_same_seed(searched):
    Listener(system(7), None).hear(SAMPLES, PIECES)
    torch.manual_seed(7)
    assert all(torch.equal(posteriors, torch.randn(1, len(posteriors), 3)[0]) for posteriors in searched)


def test_a_transducer_is_searched_in_the_log_posteriors_of_its_joiner(tmp_path):
    lm = tmp_path / "lm.arpa"
    unigrams = "-1\t<unk>\n0\t<s>\t0\n-0.5\t</s>\n-0.3\ta\t0\n"
    counts = "\\data\\\nngram 1=4\nngram 2=1\n\n"
    lm.write_text(f"{counts}\\1-grams:\n{unigrams}\n\\2-grams:\n-0.2\ta a\n\n\\end\\\n", encoding="utf-8")
    network = built(CONTEXT_ONE).eval()
    tree = LexiconTree([("a", (0,))], CONTEXT_ONE.num_outputs, str(lm))
    config = SearchConfig(beam=8)
    system = SimpleNamespace(search=config, lm_scale=1.0, prior_scale=0.3, read_noise_seed=0)
    emissions = np.random.default_rng(0).normal(size=(6, CONTEXT_ONE.joiner_dim)).astype(np.float32)
    joined = Joined.of(network, 0)
    wanted = TransducerSearch(tree, config, 1.0, 0.3)(joined.posteriors("", emissions))
    assert transcript.search_of(system, network, tree)(emissions) == wanted
