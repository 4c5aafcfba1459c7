"""The one door for texts from outside the recipe: transcripts, dictionaries, texts for the language model.

What comes through it is text, one line after the other, as its author meant it:

- It is UTF-8 from a regular file, gzip-compressed if its name ends in `.gz`. A byte order mark at the start is dropped.
- Lines end in LF, CR LF or CR, and come without it. They are in Unicode's composed form (NFC).
- No line holds a character that nobody sees: control characters (TAB apart), noncharacters, the replacement character,
  Unicode's default-ignorable code points (soft hyphens, zero-width spaces, byte order marks inside, direction marks);
  joiners stand only between letters that join. Nor does one hold a line separator that some programs obey and others do
  not (U+000B, U+000C, U+0085, U+2028, U+2029). Spaces of all kinds (U+00A0, U+3000, ...) stay, and `str.split` cuts at
  them.
- Lines, words and what a gzip file unpacks to have bounds (`TextRules`), so that memory and time have them too.

Anything else is an InputError that names file and line. In texts of millions of lines from the web, `TextRules` may
allow a share of lines to be left out instead.
"""

import codecs
import gzip
import os
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from recipe.errors import InputError, code_point, require, shown
from recipe.given_files import open_regular

_BLOCK_BYTES = 1 << 20
_CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_NONCHARACTERS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_JOINING = "[\u0530-\u10ff\u1200-\u1fff\ua000-\uabff\ufb1d-\ufdff\ufe70-\ufefc\U00010000-\U0001ffff]"
# The default-ignorable code points are those of Unicode's DerivedCoreProperties.txt, without the two joiners.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\ufdd0-\ufdef\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    f"\U000e0000-\U000e0fff{_NONCHARACTERS}]|(?<!{_JOINING})[\u200c\u200d]|[\u200c\u200d](?!{_JOINING})"
)
_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"PK\x03\x04": "ZIP",
    b"\x28\xb5\x2f\xfd": "zstd",
}


@dataclass(frozen=True, kw_only=True)
class TextRules:
    """What a text from outside may be.

    :raises InputError: for a bound below 1, or a share outside 0 .. 100
    """

    line_characters: int = 1_000_000
    """The longest line."""
    word_characters: int = 255
    """The longest word: between two blanks."""
    unpacked_bytes: int = 100_000_000_000
    """What a gzip file may unpack to, in bytes."""
    unpacked_ratio: int = 200
    """How many times its own size that may be, once it is more than `ratio_from_bytes`: texts reach about 10."""
    ratio_from_bytes: int = 1 << 26
    """See `unpacked_ratio`."""
    last_line_ends: bool = True
    """Whether a last line without a line end means that the file was cut off."""
    max_left_out_percent: float = 0.0
    """Share of the lines that may hold too long a word or a character that nobody sees; they are left out, counted."""

    def __post_init__(self) -> None:
        for name in ("line_characters", "word_characters", "unpacked_bytes", "unpacked_ratio", "ratio_from_bytes"):
            require(getattr(self, name) >= 1, f"TextRules.{name} is {getattr(self, name)}; it must be at least 1")
        percent = self.max_left_out_percent
        require(0 <= percent < 100, f"TextRules.max_left_out_percent is {percent}; it must lie in 0 .. 100")


TABLE = TextRules()
"""Of transcripts and dictionaries: every line counts."""
SENTENCES = TextRules(last_line_ends=False, max_left_out_percent=1.0)
"""Of texts for the language model: a line in a hundred may be unusable."""


class GivenText:
    """A text from outside. Iterating reads it; `left_out` is then the number of lines that were left out."""

    def __init__(self, path: str | os.PathLike, rules: TextRules = TABLE):
        self.path = Path(path)
        self.rules = rules
        self.left_out = 0
        self._first_left_out = ""
        self._lines = 0  # read so far

    def __iter__(self) -> Iterator[str]:
        """The lines, without their ends; one that is left out is empty.

        :raises InputError: naming file and line that break the rules
        """
        return chain.from_iterable(self._blocks())

    def numbered(self) -> Iterator[tuple[str, str]]:
        """("file:line", line).

        :raises InputError: as iterating
        """
        for lines in self._blocks():
            first = self._lines - len(lines) + 1
            for number, line in enumerate(lines, start=first):
                yield f"{self.path}:{number}", line

    def _blocks(self) -> Iterator[list[str]]:
        """Some lines at a time."""
        self.left_out = self._lines = 0
        rest = b""
        with open_regular(self.path) as file:
            for block in self._without_mark(self._unpacked(file)):
                rest += block
                end = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, len(rest) - 1)) + 1  # a CR at its end may be CR LF
                if end:
                    yield self._lines_of(rest[:end])
                    rest = rest[end:]
                if len(rest) > 4 * self.rules.line_characters:
                    raise self._error(1, self._too_long())
        if rest.endswith(b"\r"):
            yield self._lines_of(rest)
        elif rest:
            if self.rules.last_line_ends:
                raise self._error(1, "the file breaks off in this line; fetch it again, or end the line")
            yield self._lines_of(rest + b"\n")
        if self.left_out > self._lines * self.rules.max_left_out_percent / 100:
            others = f", and {self.left_out - 1:,} more lines of {self._lines:,} like it" if self.left_out > 1 else ""
            raise InputError(f"{self._first_left_out}{others}")

    def _unpacked(self, file: BinaryIO) -> Iterator[bytes]:
        if self.path.suffix != ".gz":
            while block := file.read(_BLOCK_BYTES):
                yield block
            return
        unpacked = 0
        try:
            with gzip.GzipFile(fileobj=file) as unzipped:
                while block := unzipped.read(_BLOCK_BYTES):
                    unpacked += len(block)
                    self._check_size(unpacked, file.tell())
                    yield block
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(
                f"{self.path}: unreadable as gzip after line {self._lines} ({error}); fetch or pack it again"
            ) from None

    def _check_size(self, unpacked: int, packed: int) -> None:
        rules = self.rules
        if unpacked > rules.unpacked_bytes:
            raise InputError(f"{self.path}: unpacks to more than {rules.unpacked_bytes:,} bytes; split the text")
        if unpacked > rules.ratio_from_bytes and unpacked > rules.unpacked_ratio * packed:
            raise InputError(
                f"{self.path}: unpacks to more than {rules.unpacked_ratio} times its own size, which no text does; "
                "fetch it again"
            )

    def _without_mark(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks without a byte order mark at the start; other encodings are refused by theirs."""
        first = next(blocks, b"")
        for mark, encoding in _OTHER_ENCODINGS.items():
            if first.startswith(mark):
                raise self._error(1, f"{encoding}; convert the file to UTF-8, as with iconv -f {encoding} -t UTF-8")
        for mark, packer in _PACKED.items():
            if first.startswith(mark):
                raise InputError(f"{self.path}: compressed with {packer} where a text belongs; unpack it")
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from blocks

    def _lines_of(self, data: bytes) -> list[str]:
        """The checked lines of some bytes, the last of which ends a line."""
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        try:
            lines = data.decode("utf-8").split("\n")
        except UnicodeDecodeError as error:
            number = data.count(b"\n", 0, error.start) + 1
            raise self._error(number, "not UTF-8; convert the file, as with iconv -t UTF-8") from None
        lines.pop()
        longest = max(map(len, lines))
        if longest > self.rules.line_characters:
            number = next(n for n, line in enumerate(lines, start=1) if len(line) == longest)
            raise self._error(number, self._too_long())
        most, visible = self.rules.word_characters, len(data.translate(None, _CONTROLS)) == len(data)
        if longest > most or not visible or not data.isascii():
            lines = [
                line if visible and len(line) <= most and line.isascii() else self._checked(number, line)
                for number, line in enumerate(lines, start=1)
            ]
        self._lines += len(lines)
        return lines

    def _checked(self, number: int, line: str) -> str:
        """The line in composed form, or "" if it is left out; `number` counts from the block's first."""
        if unseen := _UNSEEN.search(line):
            if "\0" in line:
                raise self._error(number, "the character U+0000 in it, as in UTF-16; convert the file to UTF-8")
            near = shown(line[max(0, unseen.start() - 10) : unseen.start() + 10])
            return self._left_out(
                number, f"the character {code_point(unseen[0])}, which nobody sees, in it, near {near}; take it out"
            )
        if not unicodedata.is_normalized("NFC", line):
            line = unicodedata.normalize("NFC", line)
        if len(line) > self.rules.word_characters:
            longest = max(line.split() or [""], key=len)
            if len(longest) > self.rules.word_characters:
                return self._left_out(
                    number, f"{shown(longest)} is longer than any word ({self.rules.word_characters}); mend the line"
                )
        return line

    def _left_out(self, number: int, fault: str) -> str:
        error = self._error(number, fault)
        if not self.rules.max_left_out_percent:
            raise error
        self._first_left_out = self._first_left_out or str(error)
        self.left_out += 1
        return ""

    def _error(self, number: int, fault: str) -> InputError:
        """:param number: of the line, from 1 for the next one"""
        return InputError(f"{self.path}:{self._lines + number}: {fault}")

    def _too_long(self) -> str:
        return f"the line is longer than {self.rules.line_characters:,} characters; break it up"


def given_lines(path: str | os.PathLike) -> Iterator[tuple[str, str]]:
    """("file:line", line without its end) of a transcript, a dictionary or another table from outside the recipe.

    :raises InputError: naming file and line that break the rules at the head of this module
    """
    return GivenText(path).numbered()
