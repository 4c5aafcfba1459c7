"""Packages that hold small stand-ins of the games' files: the formats are theirs, every text and sound is made up."""

import io
import lzma
import struct
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recipe.corpus.spoken_games import config
from recipe.corpus.spoken_games.amazon_queen import ARCHIVE
from recipe.corpus.spoken_games.clip import GAME_RATE_HZ
from recipe.corpus.spoken_games.drascula import FOLDER

SAYINGS = "Time flies like an arrow.\n%\nFruit flies like a banana.\n\t\t-- somebody\n%\nx = 2 ** 3\n"


def tone(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise that counts as speech, between 0.3 s of silence."""
    draw = np.random.default_rng(seed)
    loud = draw.uniform(-0.5, 0.5, round(seconds * GAME_RATE_HZ))
    quiet = np.zeros(round(0.3 * GAME_RATE_HZ))
    return np.concatenate([quiet, loud, quiet])


def seconds_for(text: str) -> float:
    return (sum(map(str.isalpha, text)) + 5) / 14


def mp3(text: str, seed: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, tone(seconds_for(text), seed), GAME_RATE_HZ, format="MP3")
    return file.getvalue()


def als(text: str, seed: int) -> bytes:
    samples = np.rint(tone(seconds_for(text), seed) * 127 + 128).astype(np.uint8)
    return bytes(32) + samples.tobytes() + bytes(32)


def drascula_texts(groups: Mapping[str, list[str]], languages: int = 2) -> bytes:
    """drascula.dat with these English texts, in the order of the groups; other languages hold something else."""
    data = b"DRASCULA\x06"
    for size in (4, 4, 4, 2, 4, 2, 4, 2, 2, 20, 20, 10, 8):
        data += struct.pack(">H", 3) + bytes(3 * size)
    data += struct.pack(">H", languages)
    for texts in groups.values():
        data += struct.pack(">H", len(texts))
        for language in range(languages):
            body = b"\0\0"
            for text in texts if language == 0 else ["otra cosa"] * len(texts):
                encoded = text.encode("cp850") + b"\0"
                encoded += bytes(-len(encoded) % 4)
                body += struct.pack(">H", len(encoded) + 2) + encoded
            data += struct.pack(">H", len(body)) + body
    return data


def string(text: str, position: int, alignment: int = 2) -> bytes:
    """As the archive writes strings: a length, the letters, padding to the alignment of its place in the member."""
    data = bytes([len(text)]) + text.encode("latin-1")
    return data + bytes(-(position + len(data)) % alignment) if text else data


def conversation(key: int, hero: Mapping[int, str], other: Mapping[int, str], greetings: tuple[str, str]) -> bytes:
    """A .DOG member without choices: the hero's texts, those of the other, greetings when they meet again."""
    body = bytearray(32)
    offsets = []
    for texts in (hero, other):
        offsets.append(len(body))
        for number, text in texts.items():
            body += struct.pack(">2H", 0, number)
            body += string(text, len(body), 4)
    offsets.append(len(body))
    for text in greetings:
        body += string(text, len(body))
    body[:10] = struct.pack(">5h", 0, 1, key, len(hero), len(other))
    body[22:28] = struct.pack(">3H", offsets[1], 0, offsets[2])
    return bytes(20) + bytes(body)


def scene(actions: list[tuple[int, str, int]]) -> bytes:
    """A .CUT member: (object, text, frames of an animation) of every action."""
    body = bytearray()
    for number, _, frames in actions:
        values = [0] * 17
        values[0] = number
        values[4], values[5] = (1, 1) if frames else (0, 0)
        body += struct.pack(">17h", *values) + struct.pack(">2h", 1, 7)
        if frames:
            body += struct.pack(">10h", 1, *range(9)) * frames + struct.pack(">h", -2)
    text_offset = 12 + len(body)
    body = bytearray(struct.pack(">3h3H", 0, len(actions), 0, 0, text_offset, 0)) + body
    for text in ("*FR", *(text for _, text, _ in actions)):
        body += string(text, len(body))
    return bytes(20) + bytes(body)


def things(names: list[str], people: list[bool], descriptions: list[str]) -> tuple[bytes, bytes]:
    """QUEEN.JAS with an object of each name, and QUEEN2.JAS; the hero's 40 answers are empty."""
    head = struct.pack(">4H", 1, len(names), len(names), len(descriptions))
    records = [struct.pack(">h6Hh", k, 0, 0, 0, 0, 1, 0, -3 if p else 5) for k, p in enumerate(people, start=1)]
    lines = [*descriptions, *names, "room", *["verb"] * 12, *[""] * 40, ""]
    return bytes(20) + head + b"".join(records), "\r\n".join(lines).encode()


def archive(members: Mapping[str, bytes], compression: int = 1) -> bytes:
    """queen.1c with these members."""
    offset = 15 + 21 * len(members)
    table, content = b"", b""
    for name, data in members.items():
        table += struct.pack(">12sBII", name.encode(), 1, offset + len(content), len(data))
        content += data
    return b"QTBLCEM10\0\0\0" + struct.pack(">BH", compression, len(members)) + table + content


def package(path: Path, files: Mapping[str, bytes], extra: tarfile.TarInfo | None = None) -> Path:
    """A .deb file with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        if extra is not None:
            tar.addfile(extra, io.BytesIO(b"x" * extra.size))
    deb = b"!<arch>\n"
    for name, data in (("debian-binary", b"2.0\n"), ("data.tar.xz", lzma.compress(buffer.getvalue()))):
        deb += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    path.write_bytes(deb)
    return path


WORDS = "red green blue black white yellow brown purple orange grey".split()
PLACES = "house river garden street forest castle bridge tower market harbour".split()


def lines(topic: str, count: int) -> list[str]:
    """Made-up lines that name a topic."""
    return [f"the {WORDS[k % 10]} {topic} stands by the {PLACES[(k // 10 + k) % 10]}" for k in range(count)]


@pytest.fixture
def drascula_files() -> dict[str, bytes]:
    """The files of a small Drascula: 60 lines of the hero, 20 of the vampire, a sound effect."""
    groups: dict[str, list[str]] = {letters: [] for letters in ("", "D", "B", "BJ", "E", "I", "L", "P", "T", "VB")}
    groups[""] = ["", *(line.upper() for line in lines("table", 60))]
    groups["D"] = ["", *(line.upper() for line in lines("coffin", 20))]
    files = {f"{FOLDER}/en/drascula.dat": drascula_texts(groups), f"{FOLDER}/en/S1.ALS": als("noise", 1)}
    for letters, texts in groups.items():
        for number, text in enumerate(texts):
            if text:
                files[f"{FOLDER}/en/{letters}{number}.ALS"] = als(text, number)
    return files


@pytest.fixture
def queen_files() -> dict[str, bytes]:
    """The archive of a small game: ten conversations, a scene with an animation, a description, a sound effect."""
    objects, texts = things(["torch", "Trader Bob"], [False, True], ["A dusty old lamp*03"])
    members = {"QUEEN.JAS": objects, "QUEEN2.JAS": texts, "10SSSSSS.SB": mp3("bang", 0)}
    members["JOE00411.SB"] = mp3("A dusty old lamp", 1)
    members["C1A.CUT"] = scene([(1, "*", 2), (2, "Welcome to my shop*03*Have a look", 0), (0, "Thank you kindly", 0)])
    for name, text in (("C1A__021", "Welcome to my shop"), ("C1A__031", "Thank you kindly")):
        members[f"{name}.SB"] = mp3(text, 2)
    for key in range(1, 11):
        hero = {10 + n: f"{line}." for n, line in enumerate(lines(f"lamp {WORDS[key - 1]}", 6))}
        other = {30 + n: f"{line}!" for n, line in enumerate(lines(f"door {WORDS[key - 1]}", 6))}
        members[f"BOB{key}.DOG"] = conversation(key, hero, other, ("0", "0"))
        for letter, said in (("J", hero), ("P", other)):
            for number, text in said.items():
                members[f"{key:02d}{number:04X}{letter}1.SB"] = mp3(text, 100 * key + number)
    return {ARCHIVE: archive(members)}


@pytest.fixture
def debs(tmp_path, monkeypatch, drascula_files, queen_files) -> Path:
    """A folder with the three packages; the value knows their digests instead of the real ones."""
    import hashlib

    folder = tmp_path / "debs"
    folder.mkdir()
    contents = (drascula_files, queen_files, {"usr/share/games/fortunes/fortunes": SAYINGS.encode()})
    known = []
    for real, files in zip(config.PACKAGES, contents, strict=True):
        path = package(folder / f"{real.name}_{real.version.replace(':', '%3a')}_all.deb", files)
        data = path.read_bytes()
        known.append(replace(real, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data)))
    monkeypatch.setattr(config, "PACKAGES", tuple(known))
    return folder
