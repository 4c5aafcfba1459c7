"""Parts that are drawn by speaker out of one set, so that no voice is in two of them."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recipe.corpus.source import Source, Utterance
from recipe.errors import InputError, require


@dataclass(frozen=True, kw_only=True)
class SpeakerSplit:
    """How speakers are drawn for the parts that a corpus does not give.

    :raises InputError: for a share that is not above 0, or shares that leave less than half to the rest
    """

    seed: int = 1
    """Decides which speakers."""
    dev_percent: float = 10.0
    """Share of the utterances for dev."""
    test_percent: float = 10.0
    """Share of the utterances for test."""

    def __post_init__(self) -> None:
        shares = (self.dev_percent, self.test_percent)
        require(
            min(shares) > 0 and sum(shares) <= 50,
            f"SpeakerSplit has {shares[0]:g} % for dev and {shares[1]:g} % for test; give shares above 0, together at "
            "most 50",
        )


def drawn_speakers(utterances: Mapping[str, int], shares: Mapping[str, float], seed: int) -> dict[str, str]:
    """Speaker -> name of the part that it is drawn for; speakers that are not in it are the rest.

    The order of the draw is that of hashes of seed and speaker, so that one more speaker moves few others. A part takes
    speakers until it has its share, but none that would give it more than twice as much, unless there is no other.

    :param utterances: how many each speaker has
    :param shares: share of all utterances, 0 .. 1, by the name of each part to draw
    :raises InputError: when there are not more speakers than parts to draw
    """
    if len(utterances) <= len(shares):
        raise InputError(
            f"{len(utterances)} speaker(s) cannot be divided into {' and '.join(shares)} and a part to train on; give "
            "these parts as directories of their own, or recordings of more speakers"
        )
    waiting = sorted(utterances, key=lambda speaker: hashlib.sha256(f"{seed}/{speaker}".encode()).digest())
    total, drawn = sum(utterances.values()), {}
    for place, (part, share) in enumerate(shares.items()):
        wanted, have, must_stay = share * total, 0, len(shares) - place
        while have < wanted and len(waiting) > must_stay:
            fitting = (speaker for speaker in waiting if have + utterances[speaker] <= 2 * wanted)
            speaker = next(fitting, None) or (min(waiting, key=lambda one: utterances[one]) if not have else None)
            if speaker is None:
                break
            waiting.remove(speaker)
            drawn[speaker] = part
            have += utterances[speaker]
    return drawn


@dataclass(frozen=True, kw_only=True)
class SpeakersOf:
    """The utterances of a set whose speakers are drawn for one part; the name `rest` in no share gives the others."""

    source: Source
    """The set."""
    part: str
    """Which part of it."""
    shares: tuple[tuple[str, float], ...]
    """The parts that are drawn, with their share of the utterances."""
    seed: int
    """Decides which speakers."""

    def utterances(self, root: Path) -> Iterator[Utterance]:
        """Those of the part.

        :raises InputError: as the set, and when it has too few speakers
        """
        drawn = _drawn(self.source, self.shares, self.seed, root)
        own = self.part if self.part in dict(self.shares) else None
        for utterance in self.source.utterances(root):
            if drawn.get(utterance.speaker) == own:
                yield utterance


@lru_cache(maxsize=4)
def _drawn(source: Source, shares: tuple[tuple[str, float], ...], seed: int, root: Path) -> dict[str, str]:
    counts = Counter(utterance.speaker for utterance in source.utterances(root))
    try:
        return drawn_speakers(counts, dict(shares), seed)
    except InputError as error:
        raise InputError(f"{root}: {error}") from None
