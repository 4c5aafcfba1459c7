"""Unpack a .tar.gz from an untrusted source: nothing outside the folder, no partial result, no unnoticed truncation."""

import errno
import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from recipe.corpus.layout import PARTS
from recipe.errors import InputError


def unpack(
    archive: Path,
    root: Path,
    report: Callable[[float, str], None] = lambda share, text: None,
    marker: str = PARTS.train,
) -> None:
    """Unpack a corpus so that `root` holds the folder `marker`; an outer folder in the archive is dropped.

    `root`, which may be an empty directory, appears complete by a rename. Remains of an earlier attempt are removed.

    :raises InputError: for a damaged archive, a member that would be written outside or is not a file, a full disk
    """
    scratch = root.with_name(f".unpacking-{root.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        _extract_all(archive, scratch, report)
        _move(_corpus_folder(scratch, archive, marker), root)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _extract_all(archive: Path, folder: Path, report: Callable[[float, str], None]) -> None:
    last = "its beginning"
    size_bytes = archive.stat().st_size
    try:
        with open(archive, "rb") as raw, gzip.GzipFile(fileobj=raw) as unzipped:
            with tarfile.open(fileobj=unzipped, mode="r|") as tar:
                for number, member in enumerate(tar):
                    last = member.name
                    _extract(tar, member, folder, archive)
                    if number % 20 == 0:
                        report(raw.tell() / size_bytes, last)
            while unzipped.read(1 << 20):  # the checksum is at the end
                pass
    except (tarfile.ReadError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(
            f"{archive}: damaged or cut off after {last} ({error}); remove the file and fetch it again"
        ) from None
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise InputError(f"{folder}: the disk is full after {last}; make room and start again") from None


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, archive: Path) -> None:
    if member.name.startswith("/"):
        raise InputError(f"{archive}: the member {member.name!r} has an absolute path; do not use this archive")
    try:
        tar.extract(member, folder, filter="data")  # refuses paths and links out of the folder, and devices
    except tarfile.FilterError as error:
        raise InputError(
            f"{archive}: the member {member.name!r} is not safe to unpack ({error}); do not use this archive"
        ) from None


def _corpus_folder(folder: Path, archive: Path, marker: str) -> Path:
    """The unpacked folder that holds `marker`: the top of the archive, or a folder in it."""
    for candidate in (folder, *sorted(folder.iterdir())):
        if (candidate / marker).is_dir():
            return candidate
    found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
    raise InputError(f"{archive}: no {marker} folder in it, but {found}; give the archive of the corpus that is named")


def _move(folder: Path, root: Path) -> None:
    if root.exists():
        shutil.rmtree(root)
    os.replace(folder, root)
