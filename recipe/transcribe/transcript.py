"""A recording through one system: words with their times, and what that took."""

import time
from dataclasses import dataclass

import torch

from recipe.decoding.search import PrefixTree, Search
from recipe.features.log_mel import LogMel, prepare_waveform
from recipe.formats.labels import read_labels
from recipe.formats.lexicon import read_lexicon
from recipe.formats.log_prior import read_log_prior
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import load_model
from recipe.transcribe.artefacts import Recogniser


@dataclass(frozen=True)
class Word:
    """A word with its times in seconds from the start of the recording."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What one system recognised.

    :param loading_s: building the model, programming included
    """

    words: tuple[Word, ...]
    loading_s: float
    acoustic_s: float
    search_s: float

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def transcribe(
    system: Recogniser, samples: torch.Tensor, pieces: list[tuple[int, int]], tree: PrefixTree
) -> Transcript:
    """Each piece by itself, as a segment of the corpus is: features, log posteriors, search.

    :param samples: float32 [N] at the rate of `system.features`
    :param pieces: (first, end) samples
    """
    began = time.perf_counter()
    model = loaded_model(system)
    search = Search(tree, system.search, system.lm_scale, system.prior_scale, log_prior(system))
    log_mel = LogMel(system.features)
    loading_s = time.perf_counter() - began
    torch.manual_seed(system.read_noise_seed)
    words, acoustic_s, search_s = [], 0.0, 0.0
    for first, end in pieces:
        began = time.perf_counter()
        with torch.no_grad():
            frames = log_mel(prepare_waveform(samples[first:end], system.features))
            log_posteriors = model(frames[None], torch.tensor([len(frames)]))[0][0].numpy()
        heard = time.perf_counter()
        found = search(log_posteriors)
        acoustic_s, search_s = acoustic_s + heard - began, search_s + time.perf_counter() - heard
        offset_s = first / system.features.sample_rate_hz
        for text, (start_s, end_s) in zip(found.words.split(), found.times_s, strict=True):
            words.append(Word(text, offset_s + start_s, offset_s + end_s))
    return Transcript(words=tuple(words), loading_s=loading_s, acoustic_s=acoustic_s, search_s=search_s)


def loaded_model(system: Recogniser) -> torch.nn.Module:
    """The model in evaluation mode, programmed now if its device is not in the graph."""
    if system.device_seed is None:
        return load_model(system.spec, system.checkpoint)
    return programmed_model(system.spec, system.checkpoint, system.device_seed).eval()


def prefix_tree(system: Recogniser) -> PrefixTree:
    """The same for all systems of a graph."""
    labels = read_labels(system.labels)
    return PrefixTree(read_lexicon(system.lexicon, labels), len(labels), system.lm)


def log_prior(system: Recogniser):
    """float32 [V]"""
    return read_log_prior(system.prior, len(read_labels(system.labels)))
