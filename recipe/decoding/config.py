"""What a search reads, how it prunes, and what it adds to the score of a path."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sisyphus import tk

from recipe.errors import InputError
from recipe.hardware.spec import ModelSpec

if TYPE_CHECKING:
    from recipe.decoding.recognise import SearchInputs
    from recipe.decoding.transducer_inputs import TransducerInputs


@dataclass(frozen=True, kw_only=True)
class SearchFiles:
    """The files that all searches of a system read, whatever the segments and the scales."""

    emissions: list[tk.Path]
    """HDF files of log posteriors; they may hold more than the segments to decode."""
    prior: tk.Path
    """Log prior per label."""
    lexicon: tk.Path
    """Labels of each word."""
    labels: tk.Path
    """Label inventory, the blank last."""
    lm: tk.Path
    """KenLM binary."""

    def load(self, segments: tk.Path) -> "SearchInputs":
        """Everything that a search of these segments reads. :raises InputError: as SearchInputs.load"""
        from recipe.decoding.recognise import SearchInputs

        return SearchInputs.load(self, segments)


@dataclass(frozen=True, kw_only=True)
class TransducerSearchFiles:
    """The files that all searches of a transducer read, whatever the segments and the scales.

    The search computes log posteriors with the model's joiner: stored, those of all states would be a hundred times as
    large as the emissions. The internal language model takes the place of the prior, and comes from the model as well.
    """

    emissions: list[tk.Path]
    """HDF files of what the joiner takes of the encoder; they may hold more than the segments to decode."""
    spec: ModelSpec
    """The model that made them."""
    checkpoint: tk.Path
    """Of `spec`."""
    lexicon: tk.Path
    """Labels of each word."""
    labels: tk.Path
    """Label inventory, the blank last."""
    lm: tk.Path
    """KenLM binary."""
    read_noise_seed: int = 0
    """Of the noise while the joiner's cells are read."""

    def load(self, segments: tk.Path) -> "TransducerInputs":
        """Everything that a search of these segments reads. :raises InputError: as TransducerInputs.load"""
        from recipe.decoding.transducer_inputs import TransducerInputs

        return TransducerInputs.load(self, segments)


AnySearchFiles = SearchFiles | TransducerSearchFiles


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Flashlight's lexical prefix-tree search; the defaults are the paper's (docs/paper.md, Recognition)."""

    beam: int = 1024
    """Hypotheses kept per frame."""
    beam_labels: int = 12
    """Best labels expanded per frame and hypothesis (torchaudio's beam_size_token)."""
    beam_threshold: float = 14.0
    """Hypotheses whose score falls short of the best by more than this are dropped."""
    word_score: float = 0.0
    """Added per word."""
    silence_score: float = 0.0
    """Added per frame of silence, that is of blank."""
    frame_shift_s: float = 0.04
    """Time between two frames of log posteriors; decides word times only."""

    def __post_init__(self):
        for name in ("beam", "beam_labels", "beam_threshold", "frame_shift_s"):
            if getattr(self, name) <= 0:
                raise InputError(f"SearchConfig.{name} is {getattr(self, name)}; give a number above 0")

    @property
    def width(self) -> str:
        """What prunes: beam, labels per frame and threshold, `1024/12/14`."""
        return f"{self.beam}/{self.beam_labels}/{self.beam_threshold:g}"

    def wider(self, factor: int) -> "SearchConfig":
        """A search `factor` times as wide: so many times the beam, its root times the labels, and the square root
        of that times the threshold.

        The other two must grow along, or the larger beam stays empty: on mini (docs/mini.md) a beam beyond 2048 changes
        little with 12 labels and a threshold of 14, while twice the labels repair half of the search errors. The
        threshold is a difference of logarithms, so that less of it goes as far.
        """
        root = math.sqrt(factor)
        return replace(
            self,
            beam=self.beam * factor,
            beam_labels=math.ceil(self.beam_labels * root),
            beam_threshold=round(self.beam_threshold * math.sqrt(root), 1),
        )


@dataclass(frozen=True, kw_only=True)
class Searched:
    """One search that was made: of what, with which scales, and what it found."""

    segments: tk.Path
    """What was searched."""
    lm_scale: float | tk.Variable
    """As in recipe.decoding.search.Search."""
    prior_scale: float | tk.Variable
    """Likewise."""
    hypotheses: tk.Path
    """hypotheses.json of it."""


@dataclass(frozen=True, kw_only=True)
class SearchErrorSample:
    """How much of a part is searched a second time to know the errors of the search."""

    digital_segments: int = 30
    """Utterances of each part for a digital system, evenly spaced."""
    device_segments: int = 10
    """For each device; those of one table row count together, and each has its own utterances."""
    factor: int = 4
    """How many times as wide the second search is (SearchConfig.wider)."""

    def __post_init__(self):
        if min(self.digital_segments, self.device_segments) < 1 or self.factor < 2:
            raise InputError("SearchErrorSample needs at least 1 segment of each kind and a factor of 2; give more")
