"""Reference and hypotheses as STM and CTM, which NIST's sclite reads.

Each segment counts as a recording of its own, named like the segment: padded segments of one talk may overlap, and
sclite would then give a word to its neighbour. Times are those of the talk.
"""

import re
from collections.abc import Iterable

from recipe.files import open_text
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.segments import Segment

CHANNEL = "1"
NO_WORD = "@"  # sclite's null word, so that a segment without words is not taken for a missing one


def stm_line(segment: Segment) -> str:
    """`name channel speaker start end words`."""
    speaker = re.sub(r"\s+", "_", segment.speaker.strip()) or "unknown"
    return f"{segment.name} {CHANNEL} {speaker} {segment.start_s:.3f} {segment.end_s:.3f} {segment.words}"


def ctm_lines(segment: Segment, hypothesis: Hypothesis) -> list[str]:
    """`name channel start duration word` per word; times stay within the segment."""
    if not hypothesis.words:
        return [f"{segment.name} {CHANNEL} {segment.start_s:.3f} 0.000 {NO_WORD}"]
    lines = []
    for word, (start_s, end_s) in zip(hypothesis.words.split(), hypothesis.times_s, strict=True):
        start_s, end_s = (min(segment.start_s + time_s, segment.end_s) for time_s in (start_s, end_s))
        lines.append(f"{segment.name} {CHANNEL} {start_s:.3f} {end_s - start_s:.3f} {word}")
    return lines


def write_stm(path: str, segments: Iterable[Segment]):
    with open_text(path, "wt") as file:
        file.writelines(stm_line(segment) + "\n" for segment in sorted(segments, key=lambda segment: segment.name))


def write_ctm(path: str, segments: Iterable[Segment], hypotheses: dict[str, Hypothesis]):
    with open_text(path, "wt") as file:
        for segment in sorted(segments, key=lambda segment: segment.name):
            file.writelines(line + "\n" for line in ctm_lines(segment, hypotheses[segment.name]))
