"""Times, lengths, copies and speakers of the segments of a part."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from recipe.corpus_report.findings import Finding
from recipe.corpus_report.leaks import LEAST_WORDS
from recipe.features.config import LogMelConfig
from recipe.formats.labels import read_labels
from recipe.formats.lexicon import read_lexicon
from recipe.formats.segments import Segment

FASTEST_WORDS_PER_S, SLOWEST_WORDS_PER_S, SLOW_AFTER_S = 8.0, 0.25, 5.0
_TOUCHING_S, _OVERLAP_S = 0.01, 0.05
_TELLING_WORDS = 3


@dataclass(frozen=True, kw_only=True)
class OutputFrames:
    """How many frames a model puts out for a segment."""

    features: LogMelConfig
    time_reduction: int
    """Feature frames per output frame."""
    fastest: float = 1.0
    """The highest speed that training plays segments at."""

    def of(self, segment: Segment, speed: float = 1.0) -> int:
        """For one segment."""
        samples = int(round((segment.end_s - segment.start_s) * self.features.sample_rate_hz) / speed)
        return self.features.num_frames(samples) // self.time_reduction


class LabelCounts:
    """How many frames the labels of a text need at least: one each, and a blank between equal neighbours."""

    def __init__(self, lexicon: str, inventory: str):
        """:param lexicon: that training targets are made with"""
        self._spellings: dict[str, tuple[int, int, int]] = {}
        for word, labels in read_lexicon(lexicon, read_labels(inventory)):
            repeats = sum(one == other for one, other in zip(labels, labels[1:], strict=False))
            self._spellings.setdefault(word.lower(), (len(labels) + repeats, labels[0], labels[-1]))

    def least_frames(self, text: str) -> int:
        """Of a transcript; words without a spelling count nothing."""
        frames, previous = 0, -1
        for word in text.lower().split():
            needed, first, last = self._spellings.get(word, (0, -2, previous))
            frames += needed + (first == previous)
            previous = last
        return frames


def segment_findings(
    part: str, segments: Sequence[Segment], frames: OutputFrames, labels: LabelCounts, trained: bool
) -> Iterator[Finding]:
    """What is odd about the segments of a part.

    :param trained: whether the part is trained on, at all speeds
    """
    yield too_short(part, segments, frames)
    yield _too_many_labels(part, segments, frames, labels, frames.fastest if trained else 1.0)
    yield from _repeated_and_overlapping(part, segments)
    yield _copied(part, segments)
    yield _speech_rate(part, segments)


def _finding(check: str, part: str, segments: Sequence[Segment], what: str, mend: str) -> Finding:
    return Finding(check=check, where=part, what=f"segments {what}", mend=mend, of=len(segments))


def _shown(segment: Segment) -> str:
    return f"{segment.name} ({segment.start_s:.2f} to {segment.end_s:.2f} s)"


def too_short(part: str, segments: Sequence[Segment], frames: OutputFrames) -> Finding:
    """Segments that the model puts out no frame for."""
    what = f"shorter than one output frame, {frames.time_reduction} windows of features"
    finding = _finding("too_short_segments", part, segments, what, "take them out of the transcripts")
    for segment in segments:
        if frames.of(segment) < 1:
            finding.add(_shown(segment))
    return finding


def _too_many_labels(
    part: str, segments: Sequence[Segment], frames: OutputFrames, labels: LabelCounts, speed: float
) -> Finding:
    what = "with more labels than output frames, so that their CTC loss is infinite and set to 0"
    mend = "mend their times or texts"
    finding = _finding("too_many_labels", part, segments, what, mend)
    for segment in segments:
        available, needed = frames.of(segment, speed), labels.least_frames(segment.words)
        if needed > available:
            finding.add(f"{_shown(segment)}: {needed} in {available} frames")
    return finding


def _repeated_and_overlapping(part: str, segments: Sequence[Segment]) -> Iterator[Finding]:
    repeated = _finding(
        "repeated_segments", part, segments, "have text and time of another one", "take them out of the transcripts"
    )
    overlapping = _finding(
        "overlapping_segments", part, segments, "begin before an earlier one has ended", "mend their times"
    )
    ends_s: dict[str, float] = {}
    before: dict[tuple[str, str], Segment] = {}
    for segment in sorted(segments, key=lambda one: (one.recording, one.start_s, one.end_s)):
        same = before.get((segment.talk, segment.words))
        telling = segment.words.count(" ") + 1 >= _TELLING_WORDS
        if same and segment.start_s < same.end_s + (_TOUCHING_S if telling else -_OVERLAP_S):
            repeated.add(f"{_shown(segment)}: {_first_words(segment)}")
        elif segment.start_s < ends_s.get(segment.talk, 0.0) - _OVERLAP_S:
            overlapping.add(_shown(segment))
        before[segment.talk, segment.words] = segment
        ends_s[segment.talk] = max(ends_s.get(segment.talk, 0.0), segment.end_s)
    return iter((repeated, overlapping))


def _first_words(segment: Segment) -> str:
    words = segment.words.split()
    return " ".join(words[:4]) + (" ..." if len(words) > 4 else "")


def _copied(part: str, segments: Sequence[Segment]) -> Finding:
    """The same words in the same time, to 10 ms: a talk under a second name."""
    finding = _finding(
        "copied_segments", part, segments, "have text and length of one of another talk", "keep one of the two talks"
    )
    first: dict[tuple[str, int], Segment] = {}
    for segment in segments:
        if segment.words.count(" ") + 1 < LEAST_WORDS:
            continue
        other = first.setdefault((segment.words, round(100 * (segment.end_s - segment.start_s))), segment)
        if other.talk != segment.talk:
            finding.add(f"{segment.name} and {other.name}")
    return finding


def _speech_rate(part: str, segments: Sequence[Segment]) -> Finding:
    what = f"with more than {FASTEST_WORDS_PER_S:g} words a second, or fewer than {SLOWEST_WORDS_PER_S:g}"
    finding = _finding("speech_rate", part, segments, what, "look whether texts and times belong together")
    for segment in segments:
        words, length_s = segment.words.count(" ") + 1, segment.end_s - segment.start_s
        too_fast = words >= _TELLING_WORDS and words > FASTEST_WORDS_PER_S * length_s
        if too_fast or (length_s >= SLOW_AFTER_S and words < SLOWEST_WORDS_PER_S * length_s):
            finding.add(f"{_shown(segment)}: {words} words")
    return finding


def speaker_findings(speakers: Mapping[str, Iterable[str]], evaluated: Sequence[str]) -> Iterator[Finding]:
    """Speakers of evaluated parts that another part has as well.

    :param speakers: of each part
    """
    sets = {part: set(names) for part, names in speakers.items()}
    for part in evaluated:
        finding = Finding(
            check="shared_speakers",
            where=part,
            what="speakers speak in another part as well",
            mend="keep a speaker in one part",
            of=len(sets[part]),
        )
        for name in sorted(sets[part]):
            others = [other for other in sets if other != part and name in sets[other]]
            if others:
                finding.add(f"{name} ({', '.join(others)})")
        yield finding
