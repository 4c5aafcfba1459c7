"""Recordings that do not sound like the speech of their transcripts, or that occur twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from recipe.corpus_report.findings import Finding
from recipe.corpus_report.sound import Sound

QUIET_DB, CLIPPED, OFFSET, CONTRAST_DB = -50.0, 0.01, 0.05, 1.0


def _quiet(sound: Sound) -> bool:
    return not sound.silent and sound.level_db < QUIET_DB


def _misplaced(sound: Sound) -> bool:
    heard = not sound.silent and not sound.noise and sound.contrast_db is not None
    return heard and (sound.contrast_db or 0.0) < CONTRAST_DB


CHECKS: dict[str, tuple[Callable[[Sound], bool], str, str]] = {
    "silent_recordings": (lambda one: one.silent, "are silent", "copy them again"),
    "noise_recordings": (
        lambda one: one.noise,
        "do not sound like speech but like noise",
        "copy or convert them again, and look at the byte order",
    ),
    "quiet_recordings": (_quiet, f"are below {QUIET_DB:g} dB of full scale", "look at their level"),
    "clipped_recordings": (lambda one: one.clipped > CLIPPED, "are clipped", "record or convert them at a lower level"),
    "offset_recordings": (lambda one: abs(one.offset) > OFFSET, "have a constant offset", "take it out"),
    "misplaced_recordings": (
        _misplaced,
        f"are less than {CONTRAST_DB:g} dB louder in their segments than between them",
        "listen whether the sound is that of the transcript",
    ),
}
"""By field of CorpusLimits: what is odd, in words, and what to do."""


def sound_findings(part: str, sounds: Sequence[Sound]) -> Iterator[Finding]:
    """What is odd about the sound of a part."""
    for check, (odd, what, mend) in CHECKS.items():
        finding = Finding(check=check, where=part, what=f"recordings {what}", mend=mend, of=len(sounds))
        for sound in sounds:
            if odd(sound):
                finding.add(f"{sound.recording} ({_figures(sound)})")
        yield finding


def _figures(sound: Sound) -> str:
    contrast = "" if sound.contrast_db is None else f", contrast {sound.contrast_db:.1f} dB"
    return f"{sound.level_db:.0f} dB, flatness {sound.flatness:.2f}, range {sound.range_db:.1f} dB{contrast}"


def copy_findings(parts: Mapping[str, Sequence[Sound]], evaluated: Sequence[str]) -> Iterator[Finding]:
    """Recordings with the sound of another one; silent ones, which are all alike, do not count."""
    first: dict[str, dict[str, str]] = {}
    for part, sounds in parts.items():
        copied = Finding(
            check="copied_recordings",
            where=part,
            what="recordings sound like another one of the part",
            mend="keep one of each",
            of=len(sounds),
        )
        by_digest = first.setdefault(part, {})
        for sound in sounds:
            other = by_digest.setdefault(sound.digest, sound.recording)
            if other != sound.recording and not sound.silent:
                copied.add(f"{sound.recording} and {other}")
        yield copied
    for part in evaluated:
        leaked = Finding(
            check="leaked_recordings",
            where=part,
            what="recordings sound like one of another part",
            mend="keep each recording in one part",
            of=len(parts[part]),
        )
        for sound in parts[part]:
            others = [
                digests[sound.digest] for other, digests in first.items() if other != part and sound.digest in digests
            ]
            if others and not sound.silent:
                leaked.add(f"{sound.recording} and {others[0]}")
        yield leaked
