"""Whether a part is complete: its counts against the published ones. A mismatch names the talks to look at."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from recipe.corpus.config import CorpusCounts, PartCounts
from recipe.corpus.layout import recording_seconds
from recipe.errors import InputError, shown
from recipe.files import copy_file, open_text
from recipe.formats.segments import read_segments
from recipe.given_text import given_lines

_NAMED = 5
_LONG_SILENCE_S = 60.0


@dataclass
class Talk:
    """What a part holds of one talk."""

    recording: str
    """Relative to the corpus root."""
    segments: int = 0
    """Number of segments."""
    end_s: float = 0.0
    """End of the last segment, in seconds."""


def count_talks(segments: str | Path) -> dict[str, Talk]:
    """The counts of every talk, in file order."""
    talks: dict[str, Talk] = {}
    for segment in read_segments(segments):
        talk = talks.setdefault(segment.talk, Talk(segment.recording))
        talk.segments += 1
        talk.end_s = max(talk.end_s, segment.end_s)
    return talks


def check_counts(
    root: Path, part: str, segments: str, expected: CorpusCounts, out_talks: str | Path, out_segments: str | Path
) -> None:
    """Write the counts per talk (`talk<TAB>segments`) and, if they are the expected ones, a copy of the segments.

    :raises InputError: naming the talks that differ, are missing or look truncated
    """
    talks = count_talks(segments)
    with open_text(out_talks, "wt") as file:
        file.writelines(f"{name}\t{talks[name].segments}\n" for name in sorted(talks))
    recordings = sorted((root / part / "sph").glob("*.sph"))
    found = PartCounts(part=part, segments=sum(talk.segments for talk in talks.values()), recordings=len(recordings))
    wanted = expected.of(part)
    if wanted.segments is None:
        wanted = replace(wanted, segments=found.segments)
    if found != wanted:
        suspects = _differing(talks, Path(expected.talks) / part / "talks.tsv") if expected.talks else []
        suspects = suspects or _without_segments(talks, recordings) + _cut_off(root, part, talks)
        raise InputError(
            f"{root / part}: {_counted(found)} where {_counted(wanted)} are expected; {_advice(suspects)}; "
            "fetch the corpus again"
        )
    copy_file(segments, out_segments)


def _counted(counts: PartCounts) -> str:
    return f"{counts.segments:,} segments of {counts.recordings:,} recordings"


def _advice(suspects: list[str]) -> str:
    if not suspects:
        return "every talk looks whole, so whole talks or the transcripts' rules (StmRules) differ"
    more = f" and {len(suspects) - _NAMED} more" if len(suspects) > _NAMED else ""
    return f"look at {', '.join(suspects[:_NAMED])}{more}"


def _differing(talks: dict[str, Talk], table: Path) -> list[str]:
    known = dict(_counted_line(where, line) for where, line in given_lines(table))
    counts = {name: talk.segments for name, talk in talks.items()}
    return [
        f"{name} ({counts.get(name, 0)} segments, expected {known.get(name, 0)})"
        for name in sorted(known.keys() | counts.keys())
        if known.get(name) != counts.get(name)
    ]


def _counted_line(where: str, line: str) -> tuple[str, int]:
    match = re.fullmatch(r"([^\t]+)\t([0-9]{1,9})", line)
    if not match:
        raise InputError(f"{where}: {shown(line)} where `talk<TAB>segments` belongs; take the file of CheckCountsJob")
    return match[1], int(match[2])


def _without_segments(talks: dict[str, Talk], recordings: list[Path]) -> list[str]:
    return [f"{path.stem} (no segment)" for path in recordings if path.stem not in talks]


def _cut_off(root: Path, part: str, talks: dict[str, Talk]) -> list[str]:
    """Talks whose transcript ends long before the recording, the longest silence first."""
    early = []
    for name, talk in talks.items():
        silence_s = recording_seconds(root / talk.recording) - talk.end_s
        if silence_s > _LONG_SILENCE_S:
            early.append((silence_s, f"{name} (no segment in its last {silence_s:.0f} s)"))
    return [name for _, name in sorted(early, reverse=True)]
