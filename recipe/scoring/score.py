"""Scoring hypotheses against the segments they belong to; others are refused."""

from recipe.errors import InputError
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.segments import Segment
from recipe.formats.utterances import UtteranceErrors
from recipe.scoring.alignment import align
from recipe.scoring.word_errors import readable, utterance_errors


def check_references(segments: list[Segment]) -> None:
    """:raises InputError: on no segments, a repeated name, or a segment without words"""
    if not segments:
        raise InputError("there are no segments to score on; give a part with segments")
    seen = set()
    for segment in segments:
        if segment.name in seen:
            raise InputError(f"segment {segment.name} occurs twice in the reference; keep one")
        if not segment.words.split():
            raise InputError(f"segment {segment.name} has an empty reference; leave it out of the corpus part")
        seen.add(segment.name)


def check_same_names(reference: set[str], hypotheses: set[str]) -> None:
    """:raises InputError: naming a segment that only one side has"""
    for alone, what in (
        (reference - hypotheses, "has no hypothesis"),
        (hypotheses - reference, "is not in the reference"),
    ):
        if alone:
            raise InputError(
                f"segment {min(alone)} {what} ({len(alone)} such); score hypotheses of exactly these segments"
            )


def score(segments: list[Segment], hypotheses: dict[str, Hypothesis]) -> tuple[list[UtteranceErrors], str]:
    """Errors per utterance in the order of the segments, and all alignments as text.

    :raises InputError: when names differ or repeat, or a reference is empty
    """
    check_references(segments)
    check_same_names({segment.name for segment in segments}, set(hypotheses))
    pairs = {segment.name: align(segment.words, hypotheses[segment.name].words) for segment in segments}
    utterances = [utterance_errors(name, aligned) for name, aligned in pairs.items()]
    return utterances, "\n".join(readable(name, aligned) for name, aligned in pairs.items())
