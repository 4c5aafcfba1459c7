"""What the search missed in a row: its samples of utterances that were searched a second time, with a wider beam."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recipe.formats.search_errors import SearchErrors


@dataclass(frozen=True)
class RowErrors:
    """The search errors of one row: of all its systems' samples together."""

    missed: int
    """Utterances whose wider hypothesis has the better score."""
    utterances: int
    words: int
    """Of the references."""
    change_percent: float
    """Word error rate of the wider search minus that of the search, on the samples, in percent points."""
    std_percent: float
    """Standard error of the change. One word is its least, as nothing is known of rarer changes."""

    @property
    def share_percent(self) -> float:
        """Utterances missed."""
        return 100 * self.missed / self.utterances

    @property
    def short(self) -> str:
        """`5 %`."""
        return f"{self.share_percent:.0f} %"


def short_shares(rows: Sequence[RowErrors | None]) -> str:
    """`3 % / 5 % / -`, a dash for a row that has no sample; empty where none has one."""
    return " / ".join(one.short if one else "-" for one in rows) if any(rows) else ""


def row_errors(samples: Iterable[SearchErrors]) -> RowErrors | None:
    """The samples of the systems of one row together; None of no sample."""
    utterances = [utterance for sample in samples for utterance in sample.utterances]
    if not utterances:
        return None
    changes = np.array([one.wide_errors - one.errors for one in utterances])
    words = sum(one.words for one in utterances)
    return RowErrors(
        missed=sum(one.missed for one in utterances),
        utterances=len(utterances),
        words=words,
        change_percent=float(100 * changes.sum() / words),
        std_percent=float(100 * np.sqrt(max(1, (changes**2).sum())) / words),
    )
