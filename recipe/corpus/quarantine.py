"""Recordings that cannot be read: left out and counted, up to the number that the rules allow."""

from pathlib import Path

from recipe.corpus.config import StmRules
from recipe.corpus.layout import PARTS, UnreadableRecording
from recipe.errors import InputError


class Quarantine:
    """The unreadable recordings of one part; `recordings` holds their paths relative to the corpus root."""

    def __init__(self, root: Path, part: str, rules: StmRules):
        self.recordings: list[str] = []
        self._total = sum(1 for _ in (root / part / "sph").glob("*.sph"))
        self._allowed = int(self._total * rules.max_unreadable_percent / 100) if part == PARTS.train else 0

    def add(self, recording: str, error: UnreadableRecording) -> None:
        """Leave a recording out.

        :raises InputError: when that makes too many; the error itself when none may be left out
        """
        if not self._allowed:
            raise error
        self.recordings.append(recording)
        print(f"left out: {error}", flush=True)
        if len(self.recordings) > self._allowed:
            raise InputError(
                f"more than {self._allowed} of {self._total} recordings cannot be read: {', '.join(self.recordings)}; "
                "fetch them again, or raise StmRules.max_unreadable_percent"
            )
