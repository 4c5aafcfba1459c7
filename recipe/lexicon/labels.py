"""The label sets of acoustic models, as values that import no torch; jobs make their files.

For every label set the rest of the graph sees two files: the inventory (a label per line in index order, the blank
last) and lexicons `word LABEL LABEL ...`. Targets and search use nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from recipe.errors import InputError

BLANK = "<blank>"
WORD_END = "#"
PHONES = tuple(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()
)


@dataclass(frozen=True, kw_only=True)
class PhonemeLabels:
    """39 ARPA phones without stress, each also with `#` at the end of a word (docs/paper.md, Lexicon and labels)."""

    @property
    def num_labels(self) -> int:
        """Number of labels without the blank; also the index of the blank."""
        return 2 * len(PHONES)

    @property
    def inventory(self) -> tuple[str, ...]:
        """All labels in index order, the blank last."""
        return (*PHONES, *(phone + WORD_END for phone in PHONES), BLANK)

    def spell(self, pronunciation: Sequence[str]) -> tuple[str, ...]:
        """The labels of a word with these phones."""
        return (*pronunciation[:-1], pronunciation[-1] + WORD_END)


@dataclass(frozen=True, kw_only=True)
class SentencePieceLabels:
    """Sub-word pieces learned from the training text; no pronunciations are needed."""

    size: int
    """Number of pieces."""
    model_type: str = "bpe"
    """`bpe` or `unigram`, as SentencePiece calls them."""

    def __post_init__(self):
        if self.size < 30:
            raise InputError(f"SentencePieceLabels.size is {self.size}; at least 30 are needed for the single letters")
        if self.model_type not in ("bpe", "unigram"):
            raise InputError(f"SentencePieceLabels.model_type is {self.model_type!r}; it must be 'bpe' or 'unigram'")

    @property
    def num_labels(self) -> int:
        """Number of labels without the blank; also the index of the blank."""
        return self.size
