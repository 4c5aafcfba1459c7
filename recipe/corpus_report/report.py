"""The whole report: what is read once, and all findings in the order in which they are told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from recipe.corpus.text_rule import TextRule
from recipe.corpus_report.findings import Finding
from recipe.corpus_report.known_words import KnownWords
from recipe.corpus_report.leaks import Leaks, SentenceIndex
from recipe.corpus_report.lm_text import SAMPLED_LINES, LmText, lm_text_findings, read_lm_text
from recipe.corpus_report.rates import rate_findings
from recipe.corpus_report.segment_checks import LabelCounts, OutputFrames, segment_findings, speaker_findings
from recipe.corpus_report.sound import sounds
from recipe.corpus_report.sound_checks import copy_findings, sound_findings
from recipe.corpus_report.transcripts import left_out_finding, transcript_findings
from recipe.corpus_report.words import contraction_finding, counted_words, unknown_findings, word_findings
from recipe.files import read_json
from recipe.formats.segments import Segment


@dataclass(frozen=True, kw_only=True)
class CorpusFiles:
    """Paths of what a report is made from."""

    root: str
    """That recordings are relative to."""
    statistics: Mapping[str, str]
    """JSON file of each part."""
    transcripts: Mapping[str, str]
    """Folder of .stm files of each part that has one."""
    dictionary: str
    """File name of the dictionary as given, for messages."""
    lm_texts: Sequence[str]
    """Files."""


@dataclass(kw_only=True)
class CorpusReport:
    """What was found."""

    parts: dict[str, dict[str, float]] = field(default_factory=dict)
    """Counts of each part."""
    texts: list[dict[str, object]] = field(default_factory=list)
    """Counts of each LM text."""
    findings: list[Finding] = field(default_factory=list)
    """All of them, also those that nothing is odd about."""


def corpus_report(
    files: CorpusFiles,
    segments: Mapping[str, Sequence[Segment]],
    known: KnownWords,
    labels: LabelCounts,
    frames: OutputFrames,
    rule: TextRule,
    sampled_lines: int = SAMPLED_LINES,
) -> CorpusReport:
    """Read LM texts and windows of the recordings; look at everything.

    :param segments: of each part, the part that is trained on first
    :raises InputError: for a text or recording that cannot be read
    """
    train, *evaluated = segments
    counts = {part: counted_words(one.words for one in members) for part, members in segments.items()}
    unseen = {word for part in evaluated for word in counts[part]} - counts[train].keys()
    index = SentenceIndex({part: segments[part] for part in evaluated}, counts[train])
    texts = [read_lm_text(path, rule, index, unseen, sampled_lines) for path in files.lm_texts]
    heard = {part: list(sounds(Path(files.root), members)) for part, members in segments.items()}
    report = CorpusReport(
        parts={part: part_counts(members) for part, members in segments.items()},
        texts=[_text_counts(text, known) for text in texts],
    )

    def found() -> Iterator[Finding]:
        for part in segments:
            yield from word_findings(part, counts[part], known, files.dictionary)
        for part, members in segments.items():
            yield contraction_finding(part, (one.words for one in members), known, files.dictionary)
        for text in texts:
            yield from lm_text_findings(text, known, counts[train])
        for part, members in segments.items():
            yield from leaks_in(index, part, members)
        yield from copy_findings(heard, evaluated)
        for part in segments:
            yield from sound_findings(part, heard[part])
        for part, members in segments.items():
            if part in files.transcripts:
                talks = {one.talk for one in members}
                yield from transcript_findings(part, Path(files.transcripts[part]), talks, len(members))
            statistics = read_json(files.statistics[part])
            yield left_out_finding(part, statistics, len(members))
            yield from rate_findings(part, statistics)
            yield from segment_findings(part, members, frames, labels, part == train)
        for part in evaluated:
            yield from unknown_findings(part, counts[part], known, unseen, files.dictionary)
        yield from speaker_findings({part: {one.speaker for one in segments[part]} for part in segments}, evaluated)

    report.findings = list(found())
    return report


def leaks_in(index: SentenceIndex, part: str, segments: Sequence[Segment]) -> list[Finding]:
    """Sentences of other parts within one."""
    leaks = Leaks(index, part, is_part=True)
    for one in segments:
        leaks.look(one.words, one.words.split(), one.name)
    return leaks.findings()


def part_counts(segments: Sequence[Segment]) -> dict[str, float]:
    """Segments, hours, words, recordings and speakers of a part."""
    return {
        "segments": len(segments),
        "hours": round(sum(one.end_s - one.start_s for one in segments) / 3600, 3),
        "words": sum(one.words.count(" ") + 1 for one in segments),
        "recordings": len({one.recording for one in segments}),
        "speakers": len({one.speaker for one in segments}),
    }


def _text_counts(text: LmText, known: KnownWords) -> dict[str, object]:
    total = text.counts.total()
    unknown = sum(number for word, number in text.counts.items() if word not in known.vocabulary)
    return {
        "text": text.name,
        "sentences": text.lines,
        "sampled_sentences": text.sampled_lines,
        "sampled_words": total,
        "unknown_percent": round(100 * unknown / max(total, 1), 2),
    }
