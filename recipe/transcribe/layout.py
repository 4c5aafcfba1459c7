"""Two transcripts side by side, for a terminal."""

from collections.abc import Iterator

from recipe.corpus.stm import split_apostrophes
from recipe.scoring.alignment import align, count_errors, same
from recipe.transcribe.transcript import Transcript, Word

NAMES = ("digital", "memristor")
NOTHING = "-"


def aligned(digital: Transcript, memristor: Transcript) -> Iterator[tuple[Word | None, Word | None]]:
    """The words of both that stand beside each other; None where one has no word."""
    ours, theirs = iter(digital.words), iter(memristor.words)
    for left, right in align(digital.text, memristor.text):
        yield next(ours) if left else None, next(theirs) if right else None


def differ(left: Word | None, right: Word | None) -> bool:
    """Whether two aligned words are not the same."""
    return not same(left.text if left else None, right.text if right else None)


def side_by_side(digital: Transcript, memristor: Transcript) -> list[str]:
    """A line per aligned pair of words, with the times of both in seconds; * marks pairs that differ."""
    rows = [("time (s)", NAMES[0], "", "time (s)", NAMES[1])]
    for left, right in aligned(digital, memristor):
        rows.append((*_cell(left), "*" if differ(left, right) else "", *_cell(right)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[2] = 1
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _cell(word: Word | None) -> tuple[str, str]:
    return (f"{word.start_s:6.2f} - {word.end_s:6.2f}", word.text) if word else (NOTHING, NOTHING)


def texts(names: list[str], transcripts: list[Transcript], reference: str | None) -> list[str]:
    """A line per system with its words, and the number of errors if there is a reference."""
    spoken = as_spelt(reference or "")
    lines = [("reference", spoken)] if spoken else []
    for name, transcript in zip(names, transcripts, strict=True):
        errors = f"   [{wrong_words(spoken, transcript)}]" if spoken else ""
        lines.append((name, (transcript.text or "(no word recognised)") + errors))
    width = max(len(name) for name, _ in lines)
    return [f"{name.ljust(width)} : {text}" for name, text in lines]


def as_spelt(reference: str) -> str:
    """The words that were spoken, in the corpus' spelling."""
    return " ".join(split_apostrophes(reference.lower()).split())


def wrong_words(spoken: str, transcript: Transcript) -> str:
    """`2 of 3 words wrong, 66.7 %`."""
    count, words = count_errors(spoken, transcript.text), len(spoken.split())
    return f"{count} of {words} words wrong, {100 * count / words:.1f} %"


def timing(duration_s: float, transcripts: list[Transcript]) -> list[str]:
    """Computing time of both systems in seconds, and relative to the duration of the audio."""
    rows = [("", "acoustic", "search", "real-time factor")]
    for name, took in zip(NAMES, transcripts, strict=True):
        factor = (took.acoustic_s + took.search_s) / duration_s
        rows.append((name, f"{took.acoustic_s:.2f} s", f"{took.search_s:.2f} s", f"{factor:.3f}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.rjust, row, widths)) for row in rows]
