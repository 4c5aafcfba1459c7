"""What a search reads, how it prunes, and what it adds to the score of a path."""

from dataclasses import dataclass

from sisyphus import tk

from recipe.errors import InputError


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
