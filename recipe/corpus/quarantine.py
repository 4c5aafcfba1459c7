"""What is left out of a part and counted: recordings that cannot be read, segments that are too short or repeated."""

from pathlib import Path

from recipe.corpus.config import StmRules
from recipe.corpus.layout import PARTS
from recipe.errors import InputError
from recipe.formats.stm import StmLine
from recipe.given_audio import RecordingInputError

NAMED = 3


class Quarantine:
    """What is left out of one part; `recordings` holds paths relative to the corpus root."""

    def __init__(self, root: Path, part: str, rules: StmRules):
        self.recordings: list[str] = []
        self.short_segments = 0
        self.repeated_segments = 0
        self._trains = part == PARTS.train
        self._rules = rules
        self._total = sum(1 for _ in (root / part / "sph").glob("*.sph"))
        self._allowed = int(self._total * rules.max_unreadable_percent / 100) if self._trains else 0

    def add(self, recording: str, error: RecordingInputError) -> None:
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

    def is_too_short(self, line: StmLine, stm: Path) -> bool:
        """Whether a segment of train is shorter than the rules allow; it is counted.

        :raises InputError: for such a segment in a part for evaluation, which must be complete
        """
        least_s, length_s = self._rules.min_segment_s, line.end_s - line.start_s
        if length_s > least_s - 1e-6:
            return False
        what = (
            f"{stm}: the segment of {line.talk} at {line.start_s:.2f} s lasts {length_s:.3f} s within the recording, "
            f"less than the {least_s:g} s that the front end needs"
        )
        if not self._trains:
            raise InputError(f"{what}; mend its times, take the line out, or lower StmRules.min_segment_s")
        self.short_segments += 1
        self._print(self.short_segments, what)
        return True

    def is_repeated(self, line: StmLine, previous: StmLine | None, stm: Path) -> bool:
        """Whether a line of train is the one before it again, though its speech is there once; it is counted."""
        if not self._trains or line != previous:
            return False
        self.repeated_segments += 1
        self._print(self.repeated_segments, f"{stm}: the segment of {line.talk} at {line.start_s:.2f} s stands twice")
        return True

    def _print(self, number: int, what: str) -> None:
        if number <= NAMED:
            print(f"left out: {what}", flush=True)

    def counts(self) -> dict[str, list[str] | int]:
        """What was left out, for the statistics; nothing where there is nothing."""
        found: dict[str, list[str] | int] = {
            "unreadable_recordings": self.recordings,
            "short_segments": self.short_segments,
            "repeated_segments": self.repeated_segments,
        }
        return {name: value for name, value in found.items() if value}
