"""The data of the page of utterances: what was said, recognised by the digital model, and by a device, word by word."""

import base64
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from recipe.formats.hypotheses import read_hypotheses
from recipe.formats.segments import Segment, read_segments
from recipe.report.comparison import Comparison
from recipe.scoring.alignment import GAP, Pairs, align, same

MOST_UTTERANCES = 1000
"""Of one part in one comparison; those that differ most are kept."""
MOST_PLAYED = 12
"""Utterances that carry their audio."""
MOST_AUDIO_BYTES = 2_000_000
"""Of all of them together, as they stand in the page."""

Column = list[str]
"""The word spoken, that of the digital model, that of the device; empty where there is none."""


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """One utterance in one comparison."""

    segment: Segment
    columns: tuple[tuple[str | None, str | None, str | None], ...]
    """Words that stand beside each other: spoken, digital, device; GAP where there is none."""

    @property
    def errors(self) -> tuple[int, int]:
        """Word errors of the digital model and of the device."""
        digital, device = (
            sum(not same(column[0], column[row]) for column in self.columns if (column[0], column[row]) != (GAP, GAP))
            for row in (1, 2)
        )
        return digital, device

    @property
    def rank(self) -> tuple:
        """Those that differ most come first."""
        digital, device = self.errors
        return -abs(device - digital), -device, self.segment.name

    def values(self) -> list[Any]:
        """Name, speaker, errors of both, columns; a column of three equal words is that word."""
        words = [
            column[0] if column[0] == column[1] == column[2] else [word or "" for word in column]
            for column in self.columns
        ]
        return [self.segment.name, self.segment.speaker, *self.errors, words]


def columns(reference: str, digital: str, device: str) -> tuple[tuple[str | None, str | None, str | None], ...]:
    """Both hypotheses beside the reference; words that both insert at one place share columns."""
    found: list[tuple[str | None, str | None, str | None]] = []
    for ours, theirs in zip(_by_word(align(reference, digital)), _by_word(align(reference, device)), strict=True):
        found += [(GAP, *inserted) for inserted in zip_longest(ours.inserted, theirs.inserted)]
        if ours.spoken is not GAP:
            found.append((ours.spoken, ours.recognised, theirs.recognised))
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Word:
    """A word of the reference, what was inserted before it, and what was recognised as it; the last one is the end."""

    inserted: tuple[str | None, ...]
    spoken: str | None = GAP
    recognised: str | None = GAP


def _by_word(pairs: Pairs) -> list[_Word]:
    words, inserted = [], []
    for spoken, recognised in pairs:
        if spoken is GAP:
            inserted.append(recognised)
        else:
            words.append(_Word(inserted=tuple(inserted), spoken=spoken, recognised=recognised))
            inserted = []
    return [*words, _Word(inserted=tuple(inserted))]


def utterances(comparison: Comparison, segments: Iterable[Segment]) -> list[Utterance]:
    """All utterances of a comparison, those that differ most first."""
    digital, device = (read_hypotheses(path.get_path()) for path in (comparison.digital, comparison.device))
    found = [
        Utterance(
            segment=one,
            columns=columns(one.words, digital[one.name].words, device[one.name].words),
        )
        for one in segments
    ]
    return sorted(found, key=lambda one: one.rank)


def page(
    setup_name: str, comparisons: Sequence[Comparison], segments: Mapping[str, str], audio_root: str | None
) -> str:
    """The HTML of the page; it loads nothing.

    :param segments: segment file by part
    :param audio_root: what recordings are relative to; None for a page without audio
    """
    spoken = {part: list(read_segments(path)) for part, path in segments.items()}
    compared = [(one, utterances(one, spoken[one.part])) for one in comparisons]
    title = comparisons[0].title
    first = sorted((one for c, found in compared if c.title == title for one in found), key=lambda one: one.rank)
    audio = {} if audio_root is None else played([one.segment for one in first[:MOST_PLAYED]], Path(audio_root))
    data = {
        "audio": audio,
        "comparisons": [
            {"title": c.title, "part": c.part, "utterances": [one.values() for one in found[:MOST_UTTERANCES]]}
            for c, found in compared
        ],
    }
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("utterances.html.j2").render(
        setup_name=setup_name,
        titles=list(dict.fromkeys(one.title for one in comparisons)),
        parts=list(dict.fromkeys(one.part for one in comparisons)),
        left_out=max(max(len(found) - MOST_UTTERANCES, 0) for _, found in compared),
        most=MOST_UTTERANCES,
        audio=len(audio),
        audio_mb=sum(map(len, audio.values())) / 1e6,
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
    )


def played(segments: Iterable[Segment], root: Path) -> dict[str, str]:
    """The audio of segments as data URIs by name, FLAC, as many as MOST_AUDIO_BYTES hold."""
    found: dict[str, str] = {}
    room = MOST_AUDIO_BYTES
    for segment in segments:
        uri = f"data:audio/flac;base64,{base64.b64encode(_flac(root / segment.recording, segment)).decode()}"
        room -= len(uri)
        if room >= 0:
            found[segment.name] = uri
    return found


def _flac(recording: Path, segment: Segment) -> bytes:
    """A segment of a recording, its channels averaged, 16 bits per sample."""
    import soundfile

    with soundfile.SoundFile(recording) as file:
        file.seek(round(segment.start_s * file.samplerate))
        frames = round((segment.end_s - segment.start_s) * file.samplerate)
        samples = file.read(frames, dtype="float32", always_2d=True).mean(axis=1)
        buffer = io.BytesIO()
        soundfile.write(buffer, samples, file.samplerate, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()
