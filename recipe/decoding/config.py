"""How the search prunes and what it adds to a path's score."""

from dataclasses import dataclass

from recipe.errors import InputError


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Flashlight's lexical prefix-tree search; the defaults are the paper's (docs/paper.md, Recognition).

    :param beam: hypotheses kept per frame.
    :param beam_labels: best labels expanded per frame and hypothesis (torchaudio's beam_size_token).
    :param beam_threshold: hypotheses whose score falls short of the best by more than this are dropped.
    :param word_score: added per word.
    :param silence_score: added per frame of silence, that is of blank.
    :param frame_shift_s: time between two frames of log posteriors; decides word times only.
    """

    beam: int = 1024
    beam_labels: int = 12
    beam_threshold: float = 14.0
    word_score: float = 0.0
    silence_score: float = 0.0
    frame_shift_s: float = 0.04

    def __post_init__(self):
        for name in ("beam", "beam_labels", "beam_threshold", "frame_shift_s"):
            if getattr(self, name) <= 0:
                raise InputError(f"SearchConfig.{name} is {getattr(self, name)}; give a number above 0")
