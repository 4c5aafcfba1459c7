"""Which clip belongs to which part: whole scenes or whole voices are held out, and no sentence is in two parts."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from recipe.corpus.layout import PARTS

SCENES, VOICES = "scenes", "voices"
HELD_OUT = (SCENES, VOICES)
"""What dev and test have to themselves: scenes, said by voices that are mostly known from train, or voices."""
MAX_VOICE_SHARE = 0.05
"""Of all speech: voices with more stay in train when voices are held out."""


def _drawn(units: dict[str, float], seed: int, minutes: dict[str, float]) -> dict[str, str]:
    """Unit -> part: in an order that the seed decides, units fill test, then dev; one that would overfill is skipped.

    :param units: unit -> minutes of speech
    :param minutes: part for evaluation -> minutes of speech to reach
    """
    order = sorted(units, key=lambda unit: hashlib.sha256(f"{seed}/{unit}".encode()).digest())
    parts: dict[str, str] = {}
    for part, wanted in minutes.items():
        filled = 0.0
        for unit in order:
            if unit not in parts and filled + units[unit] <= wanted * 1.02:
                parts[unit] = part
                filled += units[unit]
    return parts


def split(
    scenes: Sequence[str],
    voices: Sequence[str],
    words: Sequence[str],
    speech_s: Sequence[float],
    held_out: str,
    seed: int,
    minutes: dict[str, float],
) -> tuple[list[str | None], int]:
    """The part of every clip, None where it is left out; how many are in train or nowhere for their sentence alone.

    A sentence of several units is in train: all its clips where scenes are held out; where voices are, those of the
    voices of train, and the others are left out.

    :param scenes: one entry per clip, as in the other arguments
    :param held_out: one of HELD_OUT
    :param minutes: part for evaluation -> minutes of speech to reach
    """
    units = scenes if held_out == SCENES else voices
    lengths: dict[str, float] = defaultdict(float)
    said_in: dict[str, set[str]] = defaultdict(set)
    for unit, sentence, seconds in zip(units, words, speech_s, strict=True):
        lengths[unit] += seconds / 60
        said_in[sentence].add(unit)
    if held_out == VOICES:
        limit = MAX_VOICE_SHARE * sum(lengths.values())
        lengths = {voice: length for voice, length in lengths.items() if length <= limit}
    drawn = _drawn(lengths, seed, minutes)
    parts: list[str | None] = []
    moved = 0
    for unit, sentence in zip(units, words, strict=True):
        part: str | None = drawn.get(unit, PARTS.train)
        if part != PARTS.train and len({drawn.get(other, PARTS.train) for other in said_in[sentence]}) > 1:
            part = PARTS.train if held_out == SCENES else None
            moved += 1
        parts.append(part)
    return parts, moved
