"""Fetching one large file from any of several servers: resumed where it broke off, its size and digest checked."""

import errno
import hashlib
import os
import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from recipe.errors import InputError

FRUITLESS_ROUNDS = 8  # over all servers, one after the other without a byte more
_TIMEOUT_S = 60.0
_LONGEST_PAUSE_S = 120.0
_BLOCK_BYTES = 1 << 20
_PASSING = {408, 425, 429, 500, 502, 503, 504}  # HTTP errors that may be gone at the next attempt

Report = Callable[[float, str], None]
"""Called now and then with the share that is done and a word on it."""


class _Useless(Exception):
    """This server will not give the file, however often it is asked."""


def require_space(folder: Path, needed_bytes: int, purpose: str) -> None:
    """Raise InputError unless `folder`'s disk has room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise InputError(
            f"{folder}: {purpose} needs {needed_bytes / 1e9:.1f} GB, but the disk has {free / 1e9:.1f} GB free; "
            "make room or put the work directory on another disk"
        )


def download(
    urls: Sequence[str],
    path: Path,
    size_bytes: int,
    sha256: str | None,
    report: Report = lambda share, text: None,
    pause_s: float = 2.0,
) -> None:
    """Bring the file to `path`, where it appears whole; what came before an interruption waits in `<path>.part`.

    Servers are asked in turn, with growing pauses after rounds that brought nothing (`pause_s` is the first).

    :raises InputError: when no server gives the file, the disk is full, or size or digest are others
    """
    if path.exists():
        return
    part = path.with_name(f"{path.name}.part")
    _fetch(urls, part, size_bytes, report, pause_s)
    report(1.0, "checking the digest")
    if sha256 is not None and (found := digest(part)) != sha256:
        part.unlink()
        raise InputError(
            f"{path.name} has the SHA-256 digest {found} where {sha256} is expected; the file was removed: start "
            "again, from another server if it happens twice"
        )
    os.replace(part, path)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch(urls: Sequence[str], part: Path, size_bytes: int, report: Report, pause_s: float) -> None:
    failures: dict[str, str] = {}
    usable = list(urls)
    fruitless = 0
    while usable and fruitless < FRUITLESS_ROUNDS:
        before = _size(part)
        for url in list(usable):
            try:
                return _fetch_rest(url, part, size_bytes, report)
            except _Useless as error:
                usable.remove(url)
                failures[url] = str(error)
            except (OSError, HTTPException) as error:
                failures[url] = str(error) or type(error).__name__
            print(f"{url}: {failures[url]}", flush=True)
        fruitless = 0 if _size(part) > before else fruitless + 1
        if usable:
            time.sleep(min(pause_s * 2**fruitless, _LONGEST_PAUSE_S))
    told = "; ".join(f"{url}: {reason}" for url, reason in failures.items())
    raise InputError(f"the archive cannot be downloaded ({told}); look at the network or set other addresses")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _fetch_rest(url: str, part: Path, size_bytes: int, report: Report) -> None:
    """Ask one server for what `part` lacks; whatever arrives is kept."""
    if _size(part) > size_bytes:
        part.unlink()
    have = _size(part)
    if have == size_bytes:
        return
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-", "Accept-Encoding": "identity"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            start, total = _extent(answer)
            if total is not None and total != size_bytes:
                raise _Useless(f"offers a file of {total} bytes where {size_bytes} are expected")
            if start not in (0, have):
                raise _Useless(f"answers from byte {start} where {have} was asked for")
            _copy(answer, part, start, size_bytes, report)
    except urllib.error.HTTPError as error:
        if error.code in _PASSING:
            raise
        raise _Useless(f"HTTP {error.code} {error.reason}") from None
    if _size(part) < size_bytes:
        raise OSError(f"the connection ended after {_size(part)} of {size_bytes} bytes")


def _extent(answer: HTTPResponse) -> tuple[int, int | None]:
    """First byte of the answer's body, and the length of the whole file if told. A server may ignore ranges."""
    if answer.status == 206:
        fields = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
        if not fields:
            raise _Useless("answers a request for a range without saying which")
        return int(fields[1]), None if fields[2] == "*" else int(fields[2])
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length else None


def _copy(answer: HTTPResponse, part: Path, start: int, size_bytes: int, report: Report) -> None:
    told_s = 0.0
    with open(part, "r+b" if start else "wb") as file:
        file.seek(start)
        while block := answer.read(_BLOCK_BYTES):
            try:
                file.write(block)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise InputError(f"{part}: the disk is full; make room and start again, it goes on there") from None
                raise
            if file.tell() > size_bytes:
                raise _Useless(f"sends more than the expected {size_bytes} bytes")
            if time.monotonic() - told_s > 5:
                told_s = time.monotonic()
                report(file.tell() / size_bytes, f"{file.tell() / 1e9:.2f} of {size_bytes / 1e9:.2f} GB")
        file.flush()
        os.fsync(file.fileno())
