"""Settings that corpora share: how transcripts are read, how segments are padded, how many segments there must be."""

import math
from dataclasses import dataclass

from recipe.corpus.layout import PARTS
from recipe.corpus.text_rule import TextRule
from recipe.errors import InputError, require
from recipe.identity import state_without

SHORTEST_SEGMENT_S = 0.1
"""Segments below it are no training data: front ends make no frame of much less."""


@dataclass(frozen=True, kw_only=True)
class PartCounts:
    """How many segments and recordings one part must have."""

    part: str
    """The name of the part."""
    segments: int | None
    """Segments that the transcript rules leave; None where that number is not published."""
    recordings: int
    """Recordings on disk, with or without segments."""


@dataclass(frozen=True, kw_only=True)
class CorpusCounts:
    """How many segments and recordings each part of a corpus must have."""

    parts: tuple[PartCounts, ...]
    """An entry per part."""
    talks: str | None = None
    """Folder of reference counts (`<part>/talks.tsv`, as CheckCountsJob writes them) from a complete copy. With it,
    every talk whose count differs is named; without it only talks that look truncated are, since no per-talk counts are
    published."""

    def __post_init__(self) -> None:
        names = [counts.part for counts in self.parts]
        require(len(set(names)) == len(names), f"CorpusCounts.parts lists {names}; give each part once")

    def __sis_state__(self) -> dict[str, tuple]:
        """What the job hash sees: the numbers, and part names other than those of TED-LIUM; not `talks`."""
        names = tuple(counts.part for counts in self.parts)
        return {
            "segments": tuple(counts.segments for counts in self.parts),
            "recordings": tuple(counts.recordings for counts in self.parts),
            **({} if names == tuple(PARTS) else {"parts": names}),
        }

    def of(self, part: str) -> PartCounts:
        """The counts of one part.

        :raises InputError: when it is not listed
        """
        for counts in self.parts:
            if counts.part == part:
                return counts
        raise InputError(f"CorpusCounts.parts has no entry for the part {part!r}; add one")


@dataclass(frozen=True, kw_only=True)
class SegmentPadding:
    """How far training segments grow into the silence around them (defaults: docs/paper.md, Corpus)."""

    start_s: float = 0.15
    """Added before the start of a segment, in seconds."""
    end_s: float = 0.10
    """Added after its end, in seconds."""

    def __post_init__(self) -> None:
        require(
            self.start_s >= 0 and self.end_s >= 0,
            f"SegmentPadding is {self.start_s} s and {self.end_s} s; give values from 0, others would cut off speech",
        )


@dataclass(frozen=True, kw_only=True)
class StmRules:
    """How transcripts are edited, and which damage is tolerated (defaults: docs/paper.md, Corpus)."""

    drop_ignored: bool = True
    """Leave out lines marked `ignore_time_segment_in_scoring`."""
    rename_gender_tags: bool = True
    """`<F0_M>` -> `<o,f0,male>`, `<F0_F>` -> `<o,f0,female>`."""
    split_apostrophes: bool = True
    """Write contractions as two tokens, don't -> don 't; scoring counts both."""
    mend_typos: bool = True
    """Split the two known run-together words of release 2."""
    drop_markers: bool = False
    """Leave out tokens that are not words: `{NOISE}`, `[laughter]`, `<sil>`, the `(2)` of `read(2)`. Release 1 has such
    markers, and scripts for release 2 still look for them, although its transcripts are said to have none."""
    drop_line_keys: bool = False
    """Leave out the last word of a line where it is in parentheses: in release 1 it names the line."""
    text: TextRule = TextRule()
    """Applied last, and to the dictionary and the LM texts as well: for a corpus whose texts do not agree in case, in
    how contractions are written, or that hold markers."""
    max_unreadable_percent: float = 1.0
    """Share of the training recordings that may be unreadable; they are left out and counted. Parts for evaluation must
    be complete: error rates would otherwise refer to a different test set."""
    min_segment_s: float = SHORTEST_SEGMENT_S
    """Shorter segments, after padding and cutting to the recording, are left out of training and counted, and refused
    in parts for evaluation. Front ends that halve time twice need 55 ms, and 62 ms of speech that is played 1.11 times
    as fast. Kaldi's extract-segments leaves out what is shorter than 0.1 s as well (--min-segment-length)."""
    max_overrun_s: float = 1.0
    """How far a segment may reach beyond the end of its recording; it is cut there. Kaldi's extract-segments cuts off
    up to 0.5 s (--max-overshoot)."""

    def __post_init__(self) -> None:
        percent = self.max_unreadable_percent
        require(0 <= percent < 100, f"StmRules.max_unreadable_percent is {percent}; it must lie in 0 .. 100")
        for name in ("min_segment_s", "max_overrun_s"):
            value = getattr(self, name)
            require(0 <= value < math.inf, f"StmRules.{name} is {value}; give seconds from 0")

    def __sis_state__(self) -> dict[str, object]:
        """What the job hash sees: rules that were added later only where they differ from the default."""
        return state_without(
            self,
            drop_markers=False,
            drop_line_keys=False,
            text=TextRule(),
            max_unreadable_percent=1.0,
            min_segment_s=0.1,
            max_overrun_s=1.0,
        )


PUBLISHED_RULES = StmRules()
