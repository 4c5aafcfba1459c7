"""The STM transcripts of TED-LIUM release 2: one file per talk, one segment per line."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recipe.corpus.config import PUBLISHED_RULES, StmRules
from recipe.errors import InputError

IGNORED = "ignore_time_segment_in_scoring"
_APOSTROPHE = re.compile(r"(?<=\w)'(?=[a-zA-Z])")
_TAG = re.compile(r"<[\w,]*>")
_GENDER_TAGS = {"<F0_M>": "<o,f0,male>", "<F0_F>": "<o,f0,female>"}
_TYPOS = {"imiss": "i miss", "uptheir": "up their"}
_MARKER = re.compile(r"\{[^{} ]*\}|\[[^\[\] ]*\]|<[^<> ]*>|\(\d+\)")
CUT_OFF = "the file breaks off in this line; fetch it again, or end the line if it is whole"
_FORM = "talk channel speaker start end <tag> text"


@dataclass(frozen=True, slots=True)
class StmLine:
    """One scored stretch of speech."""

    talk: str
    """Name of the recording, without suffix."""
    channel: str
    """Always `1`: recordings are mono."""
    speaker: str
    """Speaker label."""
    start_s: float
    """From the start of the recording, in seconds."""
    end_s: float
    """Likewise."""
    tag: str
    """Categories of the segment, such as `<o,f0,male>` or `<NA>`."""
    text: str
    """Words separated by one space."""

    def __str__(self) -> str:
        return f"{self.talk} {self.channel} {self.speaker} {self.start_s} {self.end_s} {self.tag} {self.text}"


def split_apostrophes(text: str) -> str:
    """Contractions as two tokens: don't -> don 't."""
    return _APOSTROPHE.sub(" '", text)


def _edited_text(text: str, rules: StmRules) -> str:
    """The text after the edits, words separated by one space; empty if it holds only markers."""
    if rules.drop_markers:
        text = _MARKER.sub("", text)
    text = " ".join(text.split())
    if rules.mend_typos:
        for wrong, right in _TYPOS.items():
            text = text.replace(wrong, right)
    return split_apostrophes(text) if rules.split_apostrophes else text


def _seconds(field: str, name: str, where: str) -> float:
    try:
        value = float(field)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise InputError(f"{where}: {name} is {field!r}; write it in seconds from 0, as in 12.34")
    return value


def parse_stm_line(line: str, where: str, rules: StmRules = PUBLISHED_RULES) -> StmLine | None:
    """One line; None for comments, empty lines and what the rules drop (ignored segments, segments without a word).

    :param where: "file:line" for the error message
    :raises InputError: for a line that breaks the grammar
    """
    if not line.strip() or line.lstrip().startswith(";;"):
        return None
    if rules.drop_ignored and IGNORED in line:
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
    if channel != "1":
        raise InputError(f"{where}: the channel is {channel!r}; recordings are mono, so write 1")
    if rules.rename_gender_tags:
        tag = _GENDER_TAGS.get(tag, tag)
    text = _edited_text(text, rules)
    return StmLine(talk, channel, speaker, start_s, end_s, tag, text) if text else None


def read_stm(path: Path, rules: StmRules = PUBLISHED_RULES) -> Iterator[StmLine]:
    """The kept lines of one file in file order.

    A file may consist of comments and of lines that the rules drop, but must not be empty.

    :raises InputError: naming file and line where the grammar is broken
    """
    if not path.stat().st_size:
        raise InputError(f"{path} is empty; fetch it again")
    with open(path, "rb") as file:
        for number, raw in enumerate(file, start=1):
            if not raw.endswith(b"\n"):
                raise InputError(f"{path}:{number}: {CUT_OFF}")
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError:
                raise InputError(f"{path}:{number}: not UTF-8; convert the file, as with iconv -t UTF-8") from None
            parsed = parse_stm_line(line, f"{path}:{number}", rules)
            if parsed is not None:
                yield parsed
