"""How words are written, as one rule for transcripts, dictionary and LM texts alike."""

import re
from dataclasses import dataclass

from recipe.errors import require

AS_WRITTEN, SPLIT, JOINED = "as written", "split", "joined"
APOSTROPHE = re.compile(r"(?<=\w)'(?=[a-zA-Z])")
"""Inside a word: where a contraction is split."""
SUFFIXES = ("'s", "'t", "'m", "'re", "'ve", "'ll", "'d")
"""Second halves of English contractions."""
_SPLIT_SUFFIX = re.compile(rf"(?<=\w) (?=(?:{'|'.join(SUFFIXES)})(?!\S))", re.IGNORECASE)
_OTHER_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u00b4": "'", "`": "'"})
MARKER = re.compile(
    r"\{[^{}]*\}|\[[^\[\]]*\]|<[^<>]*>|\(\d+\)"  # {NOISE}, [laughter], <unk>, the (2) of read(2)
    r"|(?<!\S)(?:\+\+\S*?\+\+|\+[^\s+]+\+|%\w+|\(%\w+\))(?!\S)"  # ++um++, %hes, (%hesitation)
)
"""What stands in texts beside words: noises, hesitations, variants of a pronunciation."""


def split_apostrophes(text: str) -> str:
    """Contractions as two tokens: don't -> don 't."""
    return APOSTROPHE.sub(" '", text)


def join_apostrophes(text: str) -> str:
    """The two tokens of a contraction as one: don 't -> don't."""
    return _SPLIT_SUFFIX.sub("", text)


@dataclass(frozen=True, kw_only=True)
class TextRule:
    """Applied to the transcripts, to the dictionary and to the LM texts. The default changes nothing."""

    lower_case: bool = False
    """Write everything in lower case."""
    apostrophes: str = AS_WRITTEN
    """`split`: contractions are two tokens (don 't), `joined`: they are one (don't); either also turns typographic
    apostrophes into plain ones. `as written` leaves them alone."""
    drop_markers: bool = False
    """Leave out what is no word: {NOISE}, [laughter], <unk>, ++um++, %hes, the (2) of read(2)."""

    def __post_init__(self) -> None:
        known = (AS_WRITTEN, SPLIT, JOINED)
        require(
            self.apostrophes in known,
            f"TextRule.apostrophes is {self.apostrophes!r}; give one of {', '.join(map(repr, known))}",
        )

    def applied(self, text: str) -> str:
        """The text after the rule, words separated by one space; itself where the rule changes nothing."""
        if self == UNCHANGED:
            return text
        if self.drop_markers:
            text = MARKER.sub("", text)
        if self.lower_case:
            text = text.lower()
        if self.apostrophes != AS_WRITTEN:
            text = text.translate(_OTHER_APOSTROPHES)
        text = " ".join(text.split())
        if self.apostrophes == SPLIT:
            return split_apostrophes(text)
        return join_apostrophes(text) if self.apostrophes == JOINED else text


UNCHANGED = TextRule()
"""The rule that changes nothing."""
