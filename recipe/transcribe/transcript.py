"""Recognises a recording with one system: words with their times, and how long that took."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from recipe.decoding.lexicon_tree import LexiconTree
from recipe.decoding.search import PrefixTree, Search
from recipe.decoding.transducer_inputs import Joined
from recipe.decoding.transducer_search import TransducerSearch
from recipe.features.log_mel import LogMel, prepare_waveform
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.labels import read_labels
from recipe.formats.lexicon import read_lexicon
from recipe.formats.log_prior import read_log_prior
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import load_model
from recipe.models.transducer_network import TransducerNetwork
from recipe.transcribe.artefacts import Recogniser

Tree = PrefixTree | LexiconTree


@dataclass(frozen=True)
class Word:
    """A recognised word."""

    text: str
    """As the lexicon spells it."""
    start_s: float
    """From the start of the recording."""
    end_s: float
    """From the start of the recording."""


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What one system recognised, and the wall time that it took."""

    words: tuple[Word, ...]
    """In order of time."""
    loading_s: float
    """Time to build the model, including programming, and the search."""
    acoustic_s: float
    """Time for features and emissions."""
    search_s: float
    """Time for beam search, and for the joiner of a transducer."""

    @property
    def text(self) -> str:
        """The words, separated by spaces."""
        return " ".join(word.text for word in self.words)


class Listener:
    """A system that is ready to hear recordings, one after the other; each is heard as if it were the only one."""

    def __init__(self, system: Recogniser, tree: Tree):
        """
        :param tree: what `prefix_tree` returns
        :raises InputError: when a file of the system is damaged
        """
        began = time.perf_counter()
        self.system = system
        self.model = loaded_model(system)
        self._search = search_of(system, self.model, tree)
        self._log_mel = LogMel(system.features)
        self.loading_s = time.perf_counter() - began

    def hear(self, samples: torch.Tensor, pieces: list[tuple[int, int]]) -> Transcript:
        """Recognise each piece independently, like a segment of the corpus: features, emissions, search.

        :param samples: float32 [N] at the sample rate of `system.features`
        :param pieces: (first, end) sample of each piece
        """
        features = self.system.features
        torch.manual_seed(self.system.read_noise_seed)
        words, acoustic_s, search_s = [], 0.0, 0.0
        for first, end in pieces:
            began = time.perf_counter()
            with torch.no_grad():
                frames = self._log_mel(prepare_waveform(samples[first:end], features))
                emissions = self.model(frames[None], torch.tensor([len(frames)]))[0][0].numpy()
            heard = time.perf_counter()
            found = self._search(emissions)
            acoustic_s, search_s = acoustic_s + heard - began, search_s + time.perf_counter() - heard
            offset_s = first / features.sample_rate_hz
            for text, (start_s, end_s) in zip(found.words.split(), found.times_s, strict=True):
                words.append(Word(text, offset_s + start_s, offset_s + end_s))
        return Transcript(words=tuple(words), loading_s=self.loading_s, acoustic_s=acoustic_s, search_s=search_s)


def loaded_model(system: Recogniser) -> torch.nn.Module:
    """The model in evaluation mode; if `system.device_seed` is set, programmed onto that device first."""
    if system.device_seed is None:
        return load_model(system.spec, system.checkpoint)
    return programmed_model(system.spec, system.checkpoint, system.device_seed).eval()


def prefix_tree(system: Recogniser) -> Tree:
    """Lexicon and language model for the search. All systems of a graph share it."""
    labels = read_labels(system.labels)
    kind = LexiconTree if system.prior is None else PrefixTree
    return kind(read_lexicon(system.lexicon, labels), len(labels), system.lm)


def search_of(system: Recogniser, model: torch.nn.Module, tree: Tree) -> Callable[[np.ndarray], Hypothesis]:
    """What makes words of the emissions [T, ...] of a piece."""
    if not isinstance(tree, LexiconTree):
        return Search(tree, system.search, system.lm_scale, system.prior_scale, log_prior(system))
    assert isinstance(model, TransducerNetwork)
    joined = Joined.of(model, system.read_noise_seed)
    search = TransducerSearch(tree, system.search, system.lm_scale, system.prior_scale)
    return lambda emissions: search(joined.posteriors("", emissions))


def log_prior(system: Recogniser) -> np.ndarray:
    """Label log prior, float32 [V]."""
    assert system.prior is not None  # only searches of CTC models ask
    return read_log_prior(system.prior, len(read_labels(system.labels)))
