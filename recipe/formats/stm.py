"""STM transcripts: those of TED-LIUM (one file per talk, one segment per line), and references for NIST's sclite.

A line is `talk channel speaker start end <tag> text`. In files for sclite the tag is always there: without one, sclite
takes a first word such as `<unk>` for it. Nor may a word be one of the marks that sclite gives a meaning (SCTK,
doc/infmts.htm): `{ a / b }` are alternatives, `(a)` may be missing, `@` is no word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from os import PathLike

from recipe.errors import InputError, shown
from recipe.files import open_text
from recipe.formats.segments import Segment
from recipe.names import checked_name

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
REFERENCE_TAG = "<o>"
"""The tag of all lines of a reference: among all results."""
_SCLITE_MARKS = re.compile(
    r"[{}()]|(?<!\S)@(?!\S)|(?<!\S)<(?=alt)|(?<!\S)i(?=gnore_time_segment_in_scoring(?!\S))", re.IGNORECASE
)
_TAG = re.compile(r"<[\w,]*>")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{0,30})?|\.[0-9]{1,30}")
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
        start, end = _plain(self.start_s), _plain(self.end_s)
        return f"{self.talk} {self.channel} {self.speaker} {start} {end} {self.tag} {self.text}"


def _plain(time_s: float) -> str:
    """As short as it can be, without an exponent."""
    return f"{Decimal(repr(time_s)):f}"


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
    checked_name(talk, "the talk", where)
    checked_name(speaker, "the speaker", where)
    start_s, end_s = _seconds(start, "the start", where), _seconds(end, "the end", where)
    if end_s <= start_s:
        raise InputError(f"{where}: the segment ends at {end} s, not after its start at {start} s; swap or mend them")
    if not _TAG.fullmatch(tag):
        raise InputError(f"{where}: the sixth field is {shown(tag)} where a tag like <NA> or <o,f0,male> belongs")
    if channel != CHANNEL:
        raise InputError(f"{where}: the channel is {shown(channel)}; recordings are mono, so write {CHANNEL}")
    return StmLine(talk, channel, speaker, start_s, end_s, tag, text)


def _seconds(field: str, name: str, where: str) -> float:
    if not _SECONDS.fullmatch(field):
        raise InputError(f"{where}: {name} is {shown(field)}; write it in seconds from 0, in digits, as in 12.34")
    return float(field)


def sclite_words(text: str) -> str:
    """Words as sclite compares them letter by letter: its marks are written in percent-encoding, `{NOISE}` as
    `%7BNOISE%7D`. Both sides of a comparison must be written so.
    """
    return _SCLITE_MARKS.sub(lambda found: f"%{ord(found[0]):02X}", text)


def reference_line(segment: Segment) -> str:
    """`name channel speaker start end <o> words`: the segment as a recording under its own name."""
    speaker = re.sub(r"\s+", "_", segment.speaker.strip()) or "unknown"
    words = sclite_words(segment.words)
    return f"{segment.name} {CHANNEL} {speaker} {segment.start_s:.3f} {segment.end_s:.3f} {REFERENCE_TAG} {words}"


def write_reference(path: str | PathLike, segments: Iterable[Segment]) -> None:
    """A reference for sclite, sorted by segment name.

    Each segment counts as its own recording: padded segments of one talk may overlap, and sclite would then assign a
    word to the neighbour.
    """
    with open_text(path, "wt") as file:
        file.writelines(f"{reference_line(one)}\n" for one in sorted(segments, key=lambda segment: segment.name))
