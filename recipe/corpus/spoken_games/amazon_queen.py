"""The speech of Flight of the Amazon Queen: recordings in one archive, named by conversation, line and piece of it.

Facts from ScummVM's public engine (github.com/scummvm/scummvm: engines/queen/resource.cpp, talk.cpp, cutaway.cpp,
logic.cpp, sound.cpp, structs.h). All numbers are big-endian. The archive begins with `QTBL`, the name of the version,
the kind of compression (1: MP3) and a table of members. Texts stand in three kinds of members:

- `QUEEN2.JAS`: a line per text. `JOE<number>`: the hero's 40 answers are numbered first, then his descriptions of
  things.
- `*.DOG`, conversations: a tree of choices, then numbered texts of the hero (`<key><number in hexadecimal>J`) and of
  the other (`...P`), with the names `XXXX` and `SSSS` for greetings.
- `*.CUT`, scenes that play by themselves: a list of actions, and a text for each. `<name of the member><number of the
  action>`.

In a text, `*` and two letters or digits are a command to the engine (`*XY` has eleven more). Commands divide it into
pieces, each with a recording of its own: the piece's number, from 1, ends the name.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from recipe.corpus.spoken_games.clip import Clip
from recipe.errors import InputError

GAME = "amazon_queen"
ARCHIVE = "usr/share/scummvm/flight-of-the-amazon-queen/queen.1c"
"""The game's archive in the package."""
HERO = "joe"
_MP3 = 1
_TABLE = 15
_ENTRY = struct.Struct(">12sBII")
_OBJECT = struct.Struct(">h6Hh")
_ACTION = struct.Struct(">17h")
_HEADER_BYTES = 20
_NUM_ANSWERS = 40
_NUM_VERBS = 12
_SCENE_LINES = 10
"""The hero's texts about things are numbered by place: this many neighbours count as one scene."""
_PERSON = (-3, -4)
"""The image of an object that is a person."""
_CHARACTERS = {
    "and": "anderson",
    "azura obj": "princess azura",
    "bob": "trader bob",
    "dog": "guard dog",
    "jim": "jimmy",
    "joe king": HERO,
    "laris": "bellboy",
    "oracle": "guardian",
    "prin": "princess azura",
    "sec": "secretary",
    "showeram": "showering amazon",
    "tam": "mary-lou",
    "wedge": "wedgewood",
    "witch": "witch doctor",
    "zombie": "zombie woman",
}
"""The names of conversations and objects, where the game calls the same character otherwise elsewhere."""


class Line(NamedTuple):
    """A piece of a text with a recording of its own."""

    name: str
    """Of the recording, without suffix."""
    text: str
    """Without commands."""
    speaker: str
    """The character."""
    scene: str
    """The member that holds the text."""


def read_archive(data: bytes) -> dict[str, bytes]:
    """The members by name.

    :raises InputError: when it is no such archive, or breaks off
    """
    if data[:4] != b"QTBL" or len(data) < _TABLE:
        raise InputError("queen.1c does not begin with QTBL; use the known package of the game")
    if data[12] != _MP3:
        raise InputError(f"queen.1c has compression {data[12]} where {_MP3} (MP3) is known; use the known package")
    entries = int.from_bytes(data[13:_TABLE], "big")
    end = _TABLE + entries * _ENTRY.size
    members = {}
    for name, _, offset, size in _ENTRY.iter_unpack(data[_TABLE:end] if end <= len(data) else bytes(_ENTRY.size)):
        if max(end, offset + size) > len(data):
            raise InputError("queen.1c breaks off; use the known package of the game")
        members[name.rstrip(b"\0").decode("latin-1")] = data[offset : offset + size]
    return members


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """The pieces of a text with their numbers, from 1; those without a word as well.

    >>> list(pieces("Hi.*03*XY00(237,112)What now?"))
    [(1, 'Hi.'), (2, ''), (3, 'What now?')]
    """
    parts = re.split(r"\*(?:XY.{11}|..?|$)", text)
    yield from enumerate(parts, start=1)


class _Reader:
    """Reads numbers and strings of one member, its header skipped."""

    def __init__(self, name: str, data: bytes, position: int = 0):
        self.name, self.data, self.position = name, data[_HEADER_BYTES:], position

    def numbers(self, form: str) -> tuple[int, ...]:
        """Signed (h) and unsigned (H) numbers of 16 bit."""
        layout = struct.Struct(f">{form}")
        try:
            values = layout.unpack_from(self.data, self.position)
        except struct.error:
            raise InputError(f"queen.1c: {self.name} breaks off; use the known package of the game") from None
        self.position += layout.size
        return values

    def string(self, alignment: int = 2) -> str:
        """A string after its length, and the padding behind it; an empty one has none."""
        (length,) = self.numbers("B")
        text = self.data[self.position : self.position + length].decode("latin-1")
        if length:
            self.position = -(-(self.position + length) // alignment) * alignment
        return text


def _lines(prefix: str, text: str, speaker: str, scene: str) -> Iterator[Line]:
    for number, piece in pieces(text):
        yield Line(f"{prefix}{number:X}".replace(" ", "0").upper(), piece, speaker, scene)


def _things(objects: bytes, texts: bytes) -> tuple[list[str], list[tuple[str, bool]]]:
    """The hero's texts in the order of their numbers; (name, whether a person) of every object, from 1."""
    reader = _Reader("QUEEN.JAS", objects)
    num_rooms, num_names, num_objects, num_descriptions = reader.numbers("4H")
    lines = texts.decode("latin-1").split("\r\n")
    names = lines[num_descriptions : num_descriptions + num_names]
    first_answer = num_descriptions + num_names + num_rooms + _NUM_VERBS
    answers = lines[first_answer : first_answer + _NUM_ANSWERS]
    records = [reader.numbers(_OBJECT.format.lstrip(">")) for _ in range(num_objects)]
    described = [(names[abs(record[0]) - 1].lower() if record[0] else "", record[-1] in _PERSON) for record in records]
    return answers + lines[:num_descriptions], [("", False), *described]


def _conversation(name: str, data: bytes) -> Iterator[Line]:
    reader = _Reader(name, data)
    levels, _, key, num_hero, num_other = reader.numbers("5h")
    reader.position = 22
    other_offset, _, greeting_offset = reader.numbers("3H")
    hero_offset = 32 + abs(levels) * 96
    other = re.sub(r"\d*\.DOG", "", name).lower()
    other = _CHARACTERS.get(other, other)
    for offset, count, letter, speaker in ((other_offset, num_other, "P", other), (hero_offset, num_hero, "J", HERO)):
        reader.position = offset
        for _ in range(count):
            _, number = reader.numbers("2H")
            yield from _lines(f"{key:2d}{number:4x}{letter}", reader.string(4), speaker, name)
    reader.position = hero_offset + 2
    if reader.numbers("H") == (0,):
        yield from _lines(f"{key:2d}SSSSJ", reader.string(), HERO, name)
    reader.position = greeting_offset
    yield from _lines(f"{key:2d}XXXXP", reader.string(), other, name)
    yield from _lines(f"{key:2d}XXXXJ", reader.string(), HERO, name)


def _is_animation(action: tuple[int, ...], person: bool) -> bool:
    """Whether a list of frames follows the action."""
    number, animation, executed, copied = action[0], action[4], action[5], action[12]
    talks = not animation and (number in (0, -1) or person)
    return not talks and copied <= 0 and number not in (-2, -3, -4) and bool(executed)


def _scene(name: str, data: bytes, objects: list[tuple[str, bool]]) -> Iterator[Line]:
    actions, texts = _Reader(name, data), _Reader(name, data)
    _, num_actions, _, _, texts.position, _ = actions.numbers("3h3H")
    texts.string()  # how the hero stands
    base = name.removesuffix(".CUT").ljust(5, "_")
    for index in range(1, abs(num_actions) + 1):
        action = actions.numbers(_ACTION.format.lstrip(">"))
        (num_people,) = actions.numbers("h")
        actions.position += 2 * num_people
        number = action[0]
        thing, person = objects[number] if number > 0 else ("", False)
        if _is_animation(action, person):
            while actions.numbers("h") != (-2,):
                actions.position += 18
        speaker = HERO if number in (0, -1) else "voice" if number < 0 else _CHARACTERS.get(thing, thing)
        yield from _lines(f"{base}{index:02d}", texts.string(), speaker, name)


def read_lines(members: dict[str, bytes]) -> dict[str, Line]:
    """Name of the recording -> its line, for every text; where two conversations share a name, the first.

    :raises InputError: when a member is missing or breaks off
    """
    for name in ("QUEEN.JAS", "QUEEN2.JAS"):
        if name not in members:
            raise InputError(f"queen.1c has no {name}; use the known package of the game")
    lines: dict[str, Line] = {}

    def add(found: Iterator[Line]) -> None:
        for line in found:
            lines.setdefault(line.name, line)

    about_things, objects = _things(members["QUEEN.JAS"], members["QUEEN2.JAS"])
    for number, text in enumerate(about_things, start=1):
        add(_lines(f"JOE{number:04d}", text, HERO, f"JAS{number // _SCENE_LINES:03d}"))
    for name, data in members.items():
        if name.endswith(".DOG"):
            add(_conversation(name, data))
        elif name.endswith(".CUT"):
            add(_scene(name, data, objects))
    return lines


def clips(folder: Path) -> Iterator[Clip]:
    """All recordings that have a text, in the order of the archive; sounds without one are passed over.

    :param folder: what the package holds
    :raises InputError: when the archive is not there, or is not the known one
    """
    path = folder / ARCHIVE
    if not path.is_file():
        raise InputError(f"{path} is not there; give the package flight-of-the-amazon-queen of Debian")
    members = read_archive(path.read_bytes())
    lines = read_lines(members)
    for name, data in members.items():
        line = lines.get(name.removesuffix(".SB")) if name.endswith(".SB") else None
        if line is not None and line.text.strip():
            yield Clip(
                game=GAME,
                name=line.name,
                scene=line.scene.removesuffix(".DOG").removesuffix(".CUT"),
                speaker=line.speaker,
                text=re.sub(r"\s+", " ", line.text).strip(),
                data=data,
                compressed=True,
            )
