"""Which recordings a call means: one file, several, those of a folder, or those of a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recipe.errors import InputError, shown
from recipe.given_text import given_lines

SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".sph", ".nist", ".aiff", ".aif", ".au", ".caf", ".w64"}
"""Of the files of a folder, in any letter case; a file that is named may have any."""


@dataclass(frozen=True)
class Named:
    """A recording as a person named it."""

    path: Path
    reference: str = ""
    """The words that were spoken; empty if nobody says."""


def recordings(audio: str, reference: str = "") -> list[Named]:
    """The recordings that AUDIO means.

    A folder means all recordings in it, by name. A `.txt` file is a list: a path per line, relative to the list's
    folder, and after a tab, if they are known, the words that were spoken. A name that does not exist, but consists of
    names that do, separated by spaces, means these.

    :param reference: what was spoken in the only recording
    :raises InputError: without a name, when a folder or list holds none, a file of the list does not exist, or a
        reference goes with several
    """
    if not audio.strip():
        raise InputError("AUDIO is not given; give a recording, as in AUDIO=talk.flac, a folder or a list")
    path = Path(audio)
    if path.is_dir():
        found = [Named(one) for one in sorted(path.rglob("*")) if one.suffix.lower() in SUFFIXES and one.is_file()]
        if not found:
            raise InputError(f"{path} holds no recording ({', '.join(sorted(SUFFIXES))}); give a folder that does")
    elif path.suffix.lower() == ".txt" and path.is_file():
        found = list(_listed(path))
        if not found:
            raise InputError(f"{path} lists no recording; give a path per line")
    else:
        names = [] if path.exists() else audio.split()
        several = len(names) > 1 and all(Path(name).is_file() for name in names)
        found = [Named(Path(name)) for name in names] if several else [Named(path, reference)]
    if reference and len(found) > 1:
        raise InputError(
            f"REFERENCE goes with one recording, and AUDIO={shown(audio)} means {len(found)}; give a list, a .txt file "
            "with path, tab and words in each line"
        )
    return [Named(found[0].path, reference)] if reference else found


def _listed(path: Path) -> Iterator[Named]:
    for where, line in given_lines(path):
        name, _, words = line.partition("\t")
        if not name.strip():
            continue
        recording = path.parent / name.strip()
        if not recording.is_file():
            raise InputError(f"{where}: {recording} does not exist; mend the line, or take it out")
        yield Named(recording, " ".join(words.split()))
