"""From the transcripts of a part to its segments, with every check that does not need to decode audio."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from recipe.corpus.config import PUBLISHED_RULES, SegmentPadding, StmRules
from recipe.corpus.layout import check_part, recording_seconds
from recipe.corpus.quarantine import Quarantine
from recipe.corpus.stm import read_stm
from recipe.errors import InputError
from recipe.files import open_text
from recipe.formats.segments import Segment, write_segments
from recipe.formats.stm import STM_HEADER, StmLine, sclite_words
from recipe.given_audio import RecordingInputError


def pad(lines: Sequence[StmLine], padding: SegmentPadding) -> list[StmLine]:
    """Grow the segments of a talk into the silence between them; nothing is shortened or overlaps more than before.

    A start moves at most to the previous padded end, an end at most to where the next start moves, so starts have
    priority (docs/paper.md, Corpus).
    """
    padded: list[StmLine] = []
    for index, line in enumerate(lines):
        previous_end_s = padded[-1].end_s if padded else 0.0
        start_s = max(line.start_s - padding.start_s, previous_end_s)
        end_s = line.end_s + padding.end_s
        if index + 1 < len(lines):
            end_s = min(end_s, max(lines[index + 1].start_s - padding.start_s, line.end_s))
        padded.append(replace(line, start_s=round(start_s, 2), end_s=round(end_s, 2)))
    return padded


def _talks(path: Path, rules: StmRules, quarantine: Quarantine) -> Iterator[tuple[str, list[StmLine]]]:
    """The kept lines of one .stm file, by talk (a file normally holds one talk), in the order of their starts."""
    talks: dict[str, list[StmLine]] = {}
    for line in read_stm(path, rules):
        talks.setdefault(line.talk, []).append(line)
    for talk, lines in talks.items():
        lines.sort(key=lambda line: line.start_s)
        pairs = zip([None, *lines], lines, strict=False)
        yield talk, [line for previous, line in pairs if not quarantine.is_repeated(line, previous, path)]


def _padded(lines: Sequence[StmLine], padding: SegmentPadding, stm: Path) -> list[StmLine]:
    """:raises InputError: for a segment of whose own time the previous one leaves nothing"""
    padded = pad(lines, padding)
    for line, grown in zip(lines, padded, strict=True):
        if grown.start_s >= line.end_s:
            raise InputError(
                f"{stm}: the segment of {line.talk} that ends at about {grown.end_s:.2f} s lies within the one before "
                "it; mend their times"
            )
    return padded


def _fit_to_recording(lines: Sequence[StmLine], recording: Path, stm: Path, rules: StmRules) -> list[StmLine]:
    """Cut segments off at the end of the recording.

    :raises InputError: for a segment that starts after that end or reaches too far beyond it
    """
    length_s = recording_seconds(recording)
    fitted = []
    for line in lines:
        if line.end_s > length_s + rules.max_overrun_s and line.start_s < length_s:
            raise InputError(
                f"{stm}: the segment of {line.talk} at {line.start_s:.2f} s ends at {line.end_s:.2f} s, but "
                f"{recording} at {length_s:.2f} s; mend one of the two, or raise StmRules.max_overrun_s"
            )
        if line.start_s >= length_s:
            raise InputError(
                f"{stm}: a segment of {line.talk} starts at {line.start_s:.2f} s, but {recording} ends at "
                f"{length_s:.2f} s; one of the two is incomplete"
            )
        fitted.append(line if line.end_s <= length_s else replace(line, end_s=int(length_s * 100) / 100))
    return fitted


def read_part(
    root: Path,
    part: str,
    padding: SegmentPadding | None = None,
    rules: StmRules = PUBLISHED_RULES,
    quarantine: Quarantine | None = None,
) -> Iterator[tuple[StmLine, Segment]]:
    """The segments of a part, talks sorted by file name, each with its edited transcript line.

    Holds one talk in memory; talks whose recording cannot be read go into `quarantine`.

    :raises InputError: for a gap in the layout, a line that breaks the grammar, a missing or unsuitable recording, more
        unreadable ones than the rules allow, a talk in two files, a recording without a transcript, and a part without
        any segment
    """
    check_part(root, part)
    quarantine = quarantine or Quarantine(root, part, rules)
    seen: dict[str, Path] = {}
    for stm in sorted((root / part / "stm").glob("*.stm")):
        for talk, lines in _talks(stm, rules, quarantine):
            if talk in seen:
                raise InputError(f"{stm}: the talk {talk} also stands in {seen[talk]}; keep it in one file")
            seen[talk] = stm
            recording = f"{part}/sph/{talk}.sph"
            lines = _padded(lines, padding, stm) if padding else lines
            try:
                lines = _fit_to_recording(lines, root / recording, stm, rules)
            except RecordingInputError as error:
                quarantine.add(recording, error)
                continue
            lines = [line for line in lines if not quarantine.is_too_short(line, stm)]
            for number, line in enumerate(lines, start=1):
                name = f"{part}/{talk}/{number}"
                yield line, Segment(name, recording, line.start_s, line.end_s, line.speaker, line.text)
    if not seen:
        raise InputError(f"{root / part / 'stm'}: no segment to keep in any .stm file; check the transcripts")
    _check_every_recording_is_transcribed(root, part, seen)


def _check_every_recording_is_transcribed(root: Path, part: str, talks: Iterable[str]) -> None:
    """A transcript without a kept line is accepted, a recording without a transcript is not."""
    transcribed = {path.stem for path in (root / part / "stm").glob("*.stm")}.union(talks)
    for recording in sorted((root / part / "sph").glob("*.sph")):
        if recording.stem not in transcribed:
            raise InputError(f"{recording}: no transcript names this talk; add its .stm or take the recording out")


def segment_part(
    root: Path,
    part: str,
    padding: SegmentPadding | None,
    rules: StmRules,
    out_segments: str,
    out_text: str,
    out_stm: str,
    out_statistics: str,
) -> dict:
    """Write the segments of a part, its text (a line per segment), its reference STM and its counts; return the counts.

    :raises InputError: as read_part
    """
    counts: dict[str, Any] = {"segments": 0, "recordings": 0, "seconds": 0.0, "words": 0}
    speakers: set[str] = set()
    recordings: set[str] = set()
    quarantine = Quarantine(root, part, rules)
    with open_text(out_text, "wt") as text, open_text(out_stm, "wt") as stm:
        stm.write(STM_HEADER)

        def kept() -> Iterator[Segment]:
            for line, segment in read_part(root, part, padding, rules, quarantine):
                text.write(f"{segment.words}\n")
                stm.write(f"{replace(line, text=sclite_words(line.text))}\n")
                counts["segments"] += 1
                counts["seconds"] += segment.end_s - segment.start_s
                counts["words"] += segment.words.count(" ") + 1
                speakers.add(segment.speaker)
                recordings.add(segment.recording)
                yield segment

        write_segments(out_segments, kept(), corpus_name=part)
    counts |= {"speakers": len(speakers), "recordings": len(recordings), "seconds": round(counts["seconds"], 2)}
    counts |= quarantine.counts()
    with open_text(out_statistics, "wt") as file:
        json.dump(counts, file, indent=2)
    return counts
