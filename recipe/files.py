"""Writing artefacts so that nothing half-written is ever taken for a result."""

import contextlib
import glob
import gzip
import io
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from recipe.errors import InputError


@contextlib.contextmanager
def written_aside(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a scratch path next to `path`; rename it onto `path` when the block succeeds.

    The scratch name keeps the suffix of `path` (writers that look at it still work) and is removed on failure. What a
    killed writer of the same file left is removed first: nobody else would, and readers of whole folders would find it.
    """
    target = Path(path)
    scratch = target.with_name(f".part-{os.getpid()}-{target.name}")
    for left in target.parent.glob(f".part-*-{glob.escape(target.name)}"):
        if left.name.removesuffix(f"-{target.name}").removeprefix(".part-").isdecimal():  # else another file's
            left.unlink(missing_ok=True)
    try:
        yield scratch
        with open(scratch, "rb") as file:
            os.fsync(file.fileno())
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


@contextlib.contextmanager
def open_text(path: str | os.PathLike, mode: str = "rt") -> Iterator[IO[str]]:
    """Open UTF-8 text, gzip-compressed if the name ends in `.gz`; mode "wt" writes aside and renames.

    Compressed output carries neither time nor name, so equal text gives equal bytes.
    """
    path = Path(path)
    if mode == "rt":
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            yield file
        return
    if mode != "wt":
        raise ValueError(f"mode is {mode!r}; use 'rt' or 'wt'")
    with written_aside(path) as scratch:
        if path.suffix == ".gz":
            with open(scratch, "wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as zipped:
                with io.TextIOWrapper(zipped, encoding="utf-8", newline="\n") as file:
                    yield file
        else:
            with open(scratch, "w", encoding="utf-8", newline="\n") as file:
                yield file


def copy_file(source: str | os.PathLike, target: str | os.PathLike) -> None:
    """Copy the content, aside and then renamed."""
    with written_aside(target) as scratch:
        shutil.copyfile(source, scratch)


def whole_lines(path: str | os.PathLike) -> Iterator[str]:
    """The lines of a text that one of our jobs wrote, so that the last one ends too.

    :raises InputError: where it is cut off, or is no text
    """
    line = "\n"
    try:
        with open_text(path) as file:
            for line in file:
                yield line
    except (UnicodeDecodeError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} cannot be read to its end ({error}); run the job that writes it again") from None
    if not line.endswith("\n"):
        raise InputError(f"{path} breaks off in its last line; run the job that writes it again")


def read_json(path: str | os.PathLike):
    """What a JSON file holds. :raises InputError: when it is broken"""
    try:
        with open_text(path) as file:
            return json.load(file)
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} is not a whole JSON file ({error}); run the job that writes it again") from None


def require_whole_zip(path: str | os.PathLike) -> None:
    """Compare the checksums in a checkpoint, which is a ZIP archive, with its content; torch does not.

    :raises zipfile.BadZipFile: when it is damaged or cut off; OSError when it cannot be read
    """
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged:
        raise zipfile.BadZipFile(f"{damaged} does not have its checksum")


def write_progress(path: str | os.PathLike, fraction: float, text: str) -> None:
    """Write the line that an engine or a person reads while a task runs: the share that is done, then a few words."""
    with open_text(path, "wt") as file:
        file.write(f"{fraction:.4f} {text}\n")
