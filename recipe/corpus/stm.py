"""What the transcripts of TED-LIUM are turned into: which segments are kept, and how their text is edited."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from recipe.corpus.config import PUBLISHED_RULES, StmRules
from recipe.corpus.text_rule import JOINED, split_apostrophes
from recipe.errors import InputError
from recipe.formats.stm import StmLine, parse_stm_line
from recipe.given_text import given_lines

IGNORED = "ignore_time_segment_in_scoring"
_GENDER_TAGS = {"<F0_M>": "<o,f0,male>", "<F0_F>": "<o,f0,female>"}
_TYPOS = {"imiss": "i miss", "uptheir": "up their"}
_MARKER = re.compile(r"\{[^{} ]*\}|\[[^\[\] ]*\]|<[^<> ]*>|\(\d+\)")
_LINE_KEY = re.compile(r"\s\([^() ]*\)\s*$")


def _edited_text(text: str, rules: StmRules) -> str:
    """The text after the edits, words separated by one space; empty if it holds only markers."""
    if rules.drop_line_keys:
        text = _LINE_KEY.sub("", text)
    if rules.drop_markers:
        text = _MARKER.sub("", text)
    text = " ".join(text.split())
    if rules.mend_typos:
        for wrong, right in _TYPOS.items():
            text = text.replace(wrong, right)
    split = rules.split_apostrophes and rules.text.apostrophes != JOINED
    return rules.text.applied(split_apostrophes(text) if split else text)


def kept_line(line: str, where: str, rules: StmRules = PUBLISHED_RULES) -> StmLine | None:
    """The segment of one line, edited.

    :param where: "file:line", for messages
    :return: None for comments, empty lines and what the rules drop: ignored segments, segments without a word
    :raises InputError: when the line breaks the grammar
    """
    fields = line.split(maxsplit=6)
    if rules.drop_ignored and len(fields) == 7 and IGNORED in fields[6] and IGNORED in fields[6].split():
        return None
    parsed = parse_stm_line(line, where)
    if parsed is None:
        return None
    tag = _GENDER_TAGS.get(parsed.tag, parsed.tag) if rules.rename_gender_tags else parsed.tag
    text = _edited_text(parsed.text, rules)
    return replace(parsed, tag=tag, text=text) if text else None


def read_stm(path: Path, rules: StmRules = PUBLISHED_RULES) -> Iterator[StmLine]:
    """The kept segments of one file in file order.

    A file may consist of comments and of lines that the rules drop, but must not be empty.

    :raises InputError: naming file and line where the grammar is broken, or an empty file
    """
    where = ""
    for where, line in given_lines(path):
        kept = kept_line(line, where, rules)
        if kept is not None:
            yield kept
    if not where:
        raise InputError(f"{path} is empty; fetch it again")
