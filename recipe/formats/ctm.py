"""hypotheses.ctm: recognised words with their times, one word per line, as NIST's sclite reads them.

Each segment counts as its own recording, as in the reference that recipe.formats.stm.write_reference writes; times are
those of the talk.
"""

from collections.abc import Iterable, Mapping
from os import PathLike

from recipe.files import open_text
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.segments import Segment
from recipe.formats.stm import CHANNEL, sclite_words

NO_WORD = "@"
"""The null word of sclite, so that a segment without words is not taken for a missing one."""


def ctm_lines(segment: Segment, hypothesis: Hypothesis) -> list[str]:
    """`name channel start duration word` per word; times stay within the segment."""
    if not hypothesis.words:
        return [f"{segment.name} {CHANNEL} {segment.start_s:.3f} 0.000 {NO_WORD}"]
    lines = []
    for word, (start_s, end_s) in zip(hypothesis.words.split(), hypothesis.times_s, strict=True):
        start_s, end_s = (min(segment.start_s + time_s, segment.end_s) for time_s in (start_s, end_s))
        lines.append(f"{segment.name} {CHANNEL} {start_s:.3f} {end_s - start_s:.3f} {sclite_words(word)}")
    return lines


def write_ctm(path: str | PathLike, segments: Iterable[Segment], hypotheses: Mapping[str, Hypothesis]) -> None:
    """The hypotheses of the segments, sorted by name."""
    with open_text(path, "wt") as file:
        for segment in sorted(segments, key=lambda segment: segment.name):
            file.writelines(line + "\n" for line in ctm_lines(segment, hypotheses[segment.name]))
