"""Fuzzes the readers of texts: `text.py FOLDER -max_total_time=600`; see README.md."""

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["recipe"]):
    from harness import fuzz

    from recipe.corpus.layout import check_lm_text
    from recipe.corpus.stm import read_stm
    from recipe.formats.segments import Segment, read_segments, write_segments
    from recipe.lexicon.dictionary import read_dictionary, read_pronunciations, write_pronunciations
    from recipe.lm.text import write_text

STM = b"""\xef\xbb\xbf;; comment\r
A_1 1 A 0 1.5 <o,f0,male> it's caf\xc3\xa9
A_1 1 gap 1.5 2 <NA> ignore_time_segment_in_scoring
"""
DICTIONARY = "a   AH\ncafé K AE F EY\ntomato(2) T AH M AA T OW\n".encode()
SENTENCES = "<s> one\u00a0two </s>\n\nthree\n".encode()


def read_transcript(folder: Path, content: bytes) -> None:
    """What is accepted gives segments that can be read again."""
    path = folder / "A.stm"
    path.write_bytes(content)
    segments = [
        Segment(f"train/{line.talk}/{number}", f"{line.talk}.sph", line.start_s, line.end_s, line.speaker, line.text)
        for number, line in enumerate(read_stm(path), start=1)
    ]
    write_segments(folder / "segments.xml.gz", segments, "train")
    assert list(read_segments(folder / "segments.xml.gz")) == segments


def read_words(folder: Path, content: bytes) -> None:
    """What is accepted can be written and read again."""
    path = folder / "words.dic"
    path.write_bytes(content)
    words = read_dictionary(path)
    write_pronunciations(folder / "words.txt", words)
    assert read_pronunciations(folder / "words.txt") == words


def read_sentences(folder: Path, content: bytes, name: str) -> None:
    """What is accepted can be joined into one text, which is accepted again."""
    path = folder / name
    path.write_bytes(content)
    check_lm_text(path)
    number = write_text([str(path)], str(folder / "text.gz"))
    assert write_text([str(folder / "text.gz")], str(folder / "again.gz")) <= number


def read(folder: Path, content: bytes) -> None:
    """The first byte says as what the others are read."""
    kind, content = content[:1], content[1:]
    if kind == b"s":
        read_transcript(folder, content)
    elif kind == b"d":
        read_words(folder, content)
    elif kind == b"z":
        read_sentences(folder, content, "a.en.gz")
    elif kind == b"p":  # the fuzzer cannot make gzip's checksums
        read_sentences(folder, gzip.compress(content, 1), "a.en.gz")
    else:
        read_sentences(folder, content, "a.txt")


def seeds() -> Iterator[bytes]:
    """One file of each kind."""
    yield b"s" + STM
    yield b"d" + DICTIONARY
    yield b"z" + gzip.compress(SENTENCES)
    yield b"p" + SENTENCES
    yield b"t" + SENTENCES


if __name__ == "__main__":
    fuzz(read, seeds())
