"""STM transcripts: those of TED-LIUM (one file per talk, one segment per line), and references for NIST's sclite.

A line is `talk channel speaker start end <tag> text`; in a reference for sclite the tag may be missing.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike

from recipe.errors import InputError
from recipe.files import open_text
from recipe.formats.segments import Segment

CHANNEL = "1"
"""Recordings are mono."""
STM_HEADER = """;;
;; LABEL "o" "Overall" "Overall results"
;; LABEL "f0" "f0" "Wideband channel"
;; LABEL "f2" "f2" "Telephone channel"
;; LABEL "male" "Male" "Male Talkers"
;; LABEL "female" "Female" "Female Talkers"
;;
"""
"""Names the tags of a file for sclite."""
_TAG = re.compile(r"<[\w,]*>")
_FORM = "talk channel speaker start end <tag> text"


@dataclass(frozen=True, slots=True)
class StmLine:
    """One segment of a talk; printed, it is its line."""

    talk: str
    """Name of the recording, without suffix."""
    channel: str
    """Always `1`: recordings are mono."""
    speaker: str
    """Speaker label."""
    start_s: float
    """From the start of the recording."""
    end_s: float
    """Likewise."""
    tag: str
    """Categories of the segment, such as `<o,f0,male>` or `<NA>`."""
    text: str
    """Words separated by one space."""

    def __str__(self) -> str:
        return f"{self.talk} {self.channel} {self.speaker} {self.start_s} {self.end_s} {self.tag} {self.text}"


def parse_stm_line(line: str, where: str) -> StmLine | None:
    """One line, or None for a comment or an empty line.

    :param where: "file:line", for messages
    :raises InputError: when the line breaks the grammar
    """
    if not line.strip() or line.lstrip().startswith(";;"):
        return None
    fields = line.split(maxsplit=6)
    if len(fields) < 7:
        raise InputError(f"{where}: {len(fields)} fields; write `{_FORM}` with at least one word of text")
    talk, channel, speaker, start, end, tag, text = fields
    start_s, end_s = _seconds(start, "the start", where), _seconds(end, "the end", where)
    if end_s <= start_s:
        raise InputError(f"{where}: the segment ends at {end} s, not after its start at {start} s; swap or mend them")
    if not _TAG.fullmatch(tag):
        raise InputError(f"{where}: the sixth field is {tag!r} where a tag like <NA> or <o,f0,male> belongs")
    if channel != CHANNEL:
        raise InputError(f"{where}: the channel is {channel!r}; recordings are mono, so write {CHANNEL}")
    return StmLine(talk, channel, speaker, start_s, end_s, tag, text)


def _seconds(field: str, name: str, where: str) -> float:
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise InputError(f"{where}: {name} is {field!r}; write it in seconds from 0, as in 12.34")
    return value


def reference_line(segment: Segment) -> str:
    """`name channel speaker start end words`: the segment as a recording under its own name."""
    speaker = re.sub(r"\s+", "_", segment.speaker.strip()) or "unknown"
    return f"{segment.name} {CHANNEL} {speaker} {segment.start_s:.3f} {segment.end_s:.3f} {segment.words}"


def write_reference(path: str | PathLike, segments: Iterable[Segment]) -> None:
    """A reference for sclite, sorted by segment name.

    Each segment counts as its own recording: padded segments of one talk may overlap, and sclite would then assign a
    word to the neighbour.
    """
    with open_text(path, "wt") as file:
        file.writelines(f"{reference_line(one)}\n" for one in sorted(segments, key=lambda segment: segment.name))
