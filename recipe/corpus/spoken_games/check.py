"""Whether a recording can be the line that its name says: speech too short or too long for the text is left out.

Every voice has its rate of letters per second. A clip is compared with what its voice needs for the text; the logarithm
of that ratio spreads by about a quarter within a voice, so that what is outside `MIN_RATIO` .. `MAX_RATIO` is beyond
how people differ from themselves: the actor said something else, or the recording holds sounds besides the words. What
is shorter than `MIN_SPEECH_S` holds no words.

A stronger check needs a recogniser: `worst_scores` names the clips that a model finds least likely, for
`SpokenGames.left_out`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_RATIO = 0.5
"""Of the speech of a clip to what its voice needs for the text; CTC could hardly place the labels of faster speech."""
MAX_RATIO = 2.5
"""Likewise; slower speech is often acted."""
MIN_SPEECH_S = 0.2
"""Speech of a clip."""
MIN_VOICE_CLIPS = 15
"""Voices with fewer clips are compared with all voices."""
PAUSE_LETTERS = 5.0
"""A line takes as long as that many letters more: onset, final lengthening."""
_FRAME_S = 0.01
_BELOW_LOUDEST = 10 ** (-32 / 20)
_QUIETEST = 0.006  # amplitude: one and a half steps of 8 bit


def speech_span(samples: NDArray[np.float32], rate_hz: int) -> tuple[int, int]:
    """Where speech begins and ends: the first and last 10 ms within 32 dB of the loudest; (0, 0) for silence.

    :param samples: in -1 .. 1, shape [samples]
    """
    import numpy as np

    length = round(_FRAME_S * rate_hz)
    frames = samples[: len(samples) // length * length].reshape(-1, length)
    if not len(frames):
        return 0, 0
    level = np.sqrt((frames.astype(np.float64) ** 2).mean(1))
    loud = np.flatnonzero(level > max(level.max() * _BELOW_LOUDEST, _QUIETEST))
    return (int(loud[0]) * length, (int(loud[-1]) + 1) * length) if len(loud) else (0, 0)


def _letters(words: str) -> int:
    return sum(letter.isalpha() for letter in words)


def length_ratios(voices: Sequence[str], words: Sequence[str], speech_s: Sequence[float]) -> list[float]:
    """Speech of every clip over what its voice needs for the words; the median clip of a voice has 1.

    :param voices: who speaks, one entry per clip as in the other arguments
    :param words: what is said
    :param speech_s: seconds of speech without the silence around it
    """
    per_letter = [s / (_letters(w) + PAUSE_LETTERS) for w, s in zip(words, speech_s, strict=True)]
    by_voice: dict[str, list[float]] = defaultdict(list)
    for voice, rate in zip(voices, per_letter, strict=True):
        by_voice[voice].append(rate)
    everybody = _median(per_letter)
    needs = {v: _median(rates) if len(rates) >= MIN_VOICE_CLIPS else everybody for v, rates in by_voice.items()}
    return [rate / needs[voice] for voice, rate in zip(voices, per_letter, strict=True)]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else math.nan


def length_fits(ratio: float) -> bool:
    """Whether a ratio of `length_ratios` is within how people differ from themselves."""
    return MIN_RATIO <= ratio <= MAX_RATIO


def worst_scores(scores: Mapping[str, float], worst_share: float) -> tuple[str, ...]:
    """The names of the clips with the highest scores, sorted, to be left out of the corpus.

    :param scores: name -> CTC loss of the words per label, from a model that did not train on the clip
    :param worst_share: of the clips, 0 .. 1
    """
    number = math.floor(len(scores) * worst_share)
    return tuple(sorted(sorted(scores, key=lambda name: (-scores[name], name))[:number]))
