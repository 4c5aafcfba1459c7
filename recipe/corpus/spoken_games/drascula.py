"""The speech of Drascula: a recording per line, and a table of texts whose numbers are in the names of the recordings.

Facts from ScummVM's public engine and tools (github.com/scummvm/scummvm: engines/drascula/talk.cpp, sound.cpp and
devtools/create_drascula/create_drascula.cpp): `drascula.dat` begins with `DRASCULA` and a version byte, then come
tables of fixed record sizes, then the number of languages and groups of texts. All numbers are big-endian, 16 bit. A
group is its number of texts, then for each language (English first) its size in bytes and the texts, each with its size
and ended by a zero. A recording is `<letters of its group><number>.ALS`, 11,025 Hz, 8 bit without sign, between 32
bytes that are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recipe.corpus.spoken_games.clip import Clip
from recipe.errors import InputError

GAME = "drascula"
FOLDER = "usr/share/scummvm/drascula"
"""Where the package has the game's files."""
_MAGIC = b"DRASCULA"
_RECORD_BYTES = (4, 4, 4, 2, 4, 2, 4, 2, 2, 20, 20, 10, 8)
"""Of the tables before the texts: characters, places of items, ..., conversations."""
_GROUPS = ("", "D", "B", "BJ", "E", "I", "L", "P", "T", "VB")
"""In the order of the file; those that follow are not spoken."""
_SPEAKERS = {
    "": "hacker",
    "D": "drascula",
    "B": "drunkard",
    "BJ": "billie jean",
    "E": "skeleton",
    "I": "igor",
    "L": "werewolf",
    "P": "pianist",
    "T": "bartender",
    "VB": "von braun",
}
_OTHERS_IN_D = {**dict.fromkeys(range(56, 68), "hacker"), **dict.fromkeys(range(68, 79), "blind man"), 82: "bartender"}
_SKIPPED_BYTES = 32
_SCENE_LINES = 10
"""Texts are numbered in about the order of the game: this many neighbours of a group count as one scene."""


def read_texts(data: bytes) -> dict[str, list[str]]:
    """The English texts of each spoken group, by the letters of its recordings; unused numbers are empty.

    :raises InputError: when it is no such file
    """
    if not data.startswith(_MAGIC):
        raise InputError("drascula.dat does not begin with DRASCULA; use the known package of the game")
    position = len(_MAGIC) + 1

    def number() -> int:
        nonlocal position
        position += 2
        if position > len(data):
            raise InputError("drascula.dat breaks off; use the known package of the game")
        return int.from_bytes(data[position - 2 : position], "big")

    for size in _RECORD_BYTES:
        num_records = number()  # moves the position
        position += num_records * size
    num_languages = number()
    groups: dict[str, list[str]] = {}
    for letters in _GROUPS:
        num_texts = number()
        for language in range(num_languages):
            end = number() + position
            if language == 0:
                position += 2  # padding
                groups[letters] = []
                for _ in range(num_texts):
                    size = number()
                    text = data[position : position + size - 2].split(b"\0")[0]
                    groups[letters].append(text.decode("cp850"))
                    position += size - 2
            position = end
    return groups


def clips(folder: Path) -> Iterator[Clip]:
    """All recordings that have a text, in the order of group and number; sounds without one are passed over.

    :param folder: what the package holds
    :raises InputError: when the game's files are not there
    """
    files = {path.name.upper(): path for path in (folder / FOLDER).rglob("*") if path.is_file()}
    if "DRASCULA.DAT" not in files:
        raise InputError(f"{folder / FOLDER}: no drascula.dat there; give the package drascula of Debian")
    for letters, texts in read_texts(files["DRASCULA.DAT"].read_bytes()).items():
        for number, text in enumerate(texts):
            path = files.get(f"{letters}{number}.ALS")
            if path is None or not text.strip():
                continue
            others = _OTHERS_IN_D if letters == "D" else {}
            yield Clip(
                game=GAME,
                name=f"{letters}{number}",
                scene=f"{letters or 'N'}{number // _SCENE_LINES:02d}",
                speaker=others.get(number, _SPEAKERS[letters]),
                text=re.sub(r"\s+", " ", text).strip(),
                data=path.read_bytes()[_SKIPPED_BYTES:-_SKIPPED_BYTES],
                compressed=False,
            )
