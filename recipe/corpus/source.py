"""A part of a corpus as a stream of utterances: what a layout has to offer, and how it becomes segments."""

import json
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

from recipe.corpus.config import SHORTEST_SEGMENT_S, PartCounts
from recipe.corpus.recordings import AudioRules, AudioTally, audio_header
from recipe.corpus.text_rule import TextRule
from recipe.errors import InputError
from recipe.files import open_text
from recipe.formats.segments import Segment, write_segments
from recipe.formats.stm import CHANNEL, STM_HEADER, StmLine
from recipe.names import checked_name

NO_TAG, FEMALE_TAG, MALE_TAG = "<NA>", "<o,f0,female>", "<o,f0,male>"
SAMPLED_HEADERS = 200
_ROUNDED_S = 0.05


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is said in a stretch of a recording."""

    talk: str
    """Name of the recording, unique in the part: the middle of segment names."""
    recording: str
    """Its file, relative to the root of the corpus, or absolute."""
    speaker: str
    """Speaker label."""
    text: str
    """The words as they are written."""
    where: str
    """"file:line" that it stands in, for messages."""
    start_s: float = 0.0
    """From the start of the recording."""
    end_s: float | None = None
    """Likewise; None for the end of the recording."""
    tag: str = NO_TAG
    """Categories for sclite."""


class Source(Hashable, Protocol):
    """The utterances of one part, as a value: a layout, and where the part stands in it."""

    def utterances(self, root: Path) -> Iterator[Utterance]:
        """All of them, those of a recording together and in the order of their times; no audio is opened.

        :raises InputError: naming the file and line that cannot be used
        """


@dataclass(kw_only=True)
class Counts:
    """What a part holds."""

    segments: int = 0
    """Utterances with a word."""
    recordings: int = 0
    """Recordings with an utterance."""
    seconds: float = 0.0
    """Of all segments."""
    words: int = 0
    """Of all segments."""
    without_words: int = 0
    """Utterances that the text rule leaves no word of, which are left out."""
    short_segments: int = 0
    """Utterances below SHORTEST_SEGMENT_S, which are left out."""


def read_segments_of(
    root: Path, source: Source, part: str, text_rule: TextRule, audio: AudioTally, counts: Counts
) -> Iterator[tuple[StmLine, Segment]]:
    """The segments of a part, each with its line of a reference STM; holds one recording in memory.

    :raises InputError: as the source, for a recording that is missing or against the rules, an utterance that reaches
        past its recording, and a part without any segment
    """
    for talk, group in groupby(source.utterances(root), key=lambda utterance: utterance.talk):
        utterances = list(group)
        checked_name(talk, "the recording", utterances[0].where)
        path = root / utterances[0].recording
        header = audio_header(path)
        audio.add(path, header)
        counts.recordings += 1
        number = 0
        for utterance in utterances:
            words = text_rule.applied(" ".join(utterance.text.split()))
            end_s = _end_s(utterance, path, header.seconds)
            checked_name(utterance.speaker, "the speaker", utterance.where)
            if not words:
                counts.without_words += 1
                continue
            if end_s - utterance.start_s < SHORTEST_SEGMENT_S:
                counts.short_segments += 1
                continue
            number += 1
            counts.segments += 1
            counts.seconds += end_s - utterance.start_s
            counts.words += words.count(" ") + 1
            speaker, start_s = utterance.speaker, utterance.start_s
            yield (
                StmLine(talk, CHANNEL, speaker, start_s, end_s, utterance.tag, words),
                Segment(f"{part}/{talk}/{number}", utterance.recording, start_s, end_s, speaker, words),
            )
    if not counts.segments:
        raise InputError(f"{root}: the part {part!r} has no utterance with a word; check its transcripts and its split")


def _end_s(utterance: Utterance, path: Path, length_s: float) -> float:
    """Where an utterance ends; up to 50 ms past the end of its recording are taken for rounding.

    :raises InputError: when it ends later, or not after its start
    """
    end_s = length_s if utterance.end_s is None else utterance.end_s
    if end_s > length_s + _ROUNDED_S:
        raise InputError(
            f"{utterance.where}: the segment ends at {end_s:g} s, but {path} at {length_s:.2f} s; mend the time or "
            "fetch the recording again"
        )
    if not 0 <= utterance.start_s < min(end_s, length_s):
        raise InputError(
            f"{utterance.where}: the segment goes from {utterance.start_s:g} s to {end_s:g} s of {path}; give a start "
            "from 0 and an end after it"
        )
    return min(end_s, length_s)


def segment_source(
    root: Path,
    source: Source,
    part: str,
    text_rule: TextRule,
    rules: AudioRules,
    expected: PartCounts | None,
    out_segments: str,
    out_text: str,
    out_stm: str,
    out_statistics: str,
) -> dict[str, object]:
    """Write the segments of a part, its text (a line per segment), its reference STM and its counts; return the counts.

    :raises InputError: as read_segments_of, and for other counts than expected
    """
    counts, audio = Counts(), AudioTally(rules)
    speakers: set[str] = set()
    with open_text(out_text, "wt") as text, open_text(out_stm, "wt") as stm:
        stm.write(STM_HEADER)

        def kept() -> Iterator[Segment]:
            for line, segment in read_segments_of(root, source, part, text_rule, audio, counts):
                text.write(f"{segment.words}\n")
                stm.write(f"{line}\n")
                speakers.add(segment.speaker)
                yield segment
            _require_counts(root, part, counts, expected)

        write_segments(out_segments, kept(), corpus_name=part)
    found = {**vars(counts), "seconds": round(counts.seconds, 2), "speakers": len(speakers), **audio.statistics()}
    with open_text(out_statistics, "wt") as file:
        json.dump(found, file, indent=2)
    return found


def _require_counts(root: Path, part: str, counts: Counts, expected: PartCounts | None) -> None:
    if expected is not None and (counts.segments, counts.recordings) != (expected.segments, expected.recordings):
        raise InputError(
            f"{root}: the part {part!r} has {counts.segments:,} segments of {counts.recordings:,} recordings where "
            f"{expected.segments:,} of {expected.recordings:,} are published; fetch what is missing, or set "
            "expected=None for another selection"
        )


def estimated_hours(root: Path, source: Source, header: Callable[[Path], float] | None = None) -> float:
    """Hours of audio in the utterances of a part: those without times from the headers of at most SAMPLED_HEADERS.

    :param header: seconds of a recording; None reads its header
    :raises InputError: as the source, and for a missing or unreadable recording among the sampled
    """
    seconds_of = header or (lambda path: audio_header(path).seconds)
    timed_s, whole = 0.0, []
    for utterance in source.utterances(root):
        if utterance.end_s is None:
            whole.append(utterance.recording)
        else:
            timed_s += utterance.end_s - utterance.start_s
    count = min(len(whole), SAMPLED_HEADERS)
    sampled_s = sum(seconds_of(root / whole[i * len(whole) // count]) for i in range(count))
    return (timed_s + (sampled_s * len(whole) / count if count else 0.0)) / 3600
