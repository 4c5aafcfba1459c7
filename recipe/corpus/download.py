"""Download one large file from any of several servers: resumed after interruptions, size and digest checked."""

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

FRUITLESS_ROUNDS = 8  # rounds over all servers in a row that bring no byte
_TIMEOUT_S = 60.0
_LONGEST_PAUSE_S = 120.0
_BLOCK_BYTES = 1 << 20
_TEMPORARY = {408, 425, 429, 500, 502, 503, 504}  # HTTP errors that are worth another attempt

Report = Callable[[float, str], None]
"""Called every few seconds with the share that is done and a short description."""


class _Useless(Exception):
    """This server does not have the file; asking again is useless."""


def require_space(folder: Path, needed_bytes: int, purpose: str) -> None:
    """Check the free space on the disk of `folder`.

    :raises InputError: when it is less than `needed_bytes`
    """
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
    md5: str | None = None,
) -> None:
    """Download the file to `path`, where it appears complete; until then the received bytes are in `<path>.part`.

    Digests are checked where they are given. Servers are asked in turn, with growing pauses after rounds that brought
    nothing (`pause_s` is the first).

    :raises InputError: when no server has the file, the disk is full, or size or digest differ
    """
    if path.exists():
        return
    partial_file = path.with_name(f"{path.name}.part")
    _fetch(urls, partial_file, size_bytes, report, pause_s)
    report(1.0, "checking the digest")
    for name, algorithm, expected in (("SHA-256", "sha256", sha256), ("MD5", "md5", md5)):
        if expected is not None and (found := digest(partial_file, algorithm)) != expected:
            partial_file.unlink()
            raise InputError(
                f"{path.name} has the {name} digest {found} where {expected} is expected; the file was removed: start "
                "again, from another server if it happens twice"
            )
    os.replace(partial_file, path)


def digest(path: Path, algorithm: str = "sha256") -> str:
    """Digest of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _fetch(urls: Sequence[str], partial_file: Path, size_bytes: int, report: Report, pause_s: float) -> None:
    failures: dict[str, str] = {}
    usable = list(urls)
    fruitless = 0
    while usable and fruitless < FRUITLESS_ROUNDS:
        before = _size(partial_file)
        for url in list(usable):
            try:
                return _fetch_rest(url, partial_file, size_bytes, report)
            except _Useless as error:
                usable.remove(url)
                failures[url] = str(error)
            except (OSError, HTTPException) as error:
                failures[url] = str(error) or type(error).__name__
            print(f"{url}: {failures[url]}", flush=True)
        fruitless = 0 if _size(partial_file) > before else fruitless + 1
        if usable:
            time.sleep(min(pause_s * 2**fruitless, _LONGEST_PAUSE_S))
    reasons = "; ".join(f"{url}: {reason}" for url, reason in failures.items())
    raise InputError(f"the archive cannot be downloaded ({reasons}); look at the network or set other addresses")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _fetch_rest(url: str, partial_file: Path, size_bytes: int, report: Report) -> None:
    """Ask one server for the missing bytes of `partial_file`; whatever arrives is kept."""
    if _size(partial_file) > size_bytes:
        partial_file.unlink()
    have = _size(partial_file)
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
            _copy(answer, partial_file, start, size_bytes, report)
    except urllib.error.HTTPError as error:
        if error.code in _TEMPORARY:
            raise
        raise _Useless(f"HTTP {error.code} {error.reason}") from None
    if _size(partial_file) < size_bytes:
        raise OSError(f"the connection ended after {_size(partial_file)} of {size_bytes} bytes")


def _extent(answer: HTTPResponse) -> tuple[int, int | None]:
    """First byte of the body, and the length of the whole file if the server states it. Servers may ignore ranges."""
    if answer.status == 206:
        fields = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
        if not fields:
            raise _Useless("answers a request for a range without saying which")
        return int(fields[1]), None if fields[2] == "*" else int(fields[2])
    length = answer.headers.get("Content-Length")
    return 0, int(length) if length else None


def _copy(answer: HTTPResponse, partial_file: Path, start: int, size_bytes: int, report: Report) -> None:
    reported_s = 0.0
    with open(partial_file, "r+b" if start else "wb") as file:
        file.seek(start)
        while block := answer.read(_BLOCK_BYTES):
            try:
                file.write(block)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise InputError(f"{partial_file}: the disk is full; make room and start again to resume") from None
                raise
            if file.tell() > size_bytes:
                raise _Useless(f"sends more than the expected {size_bytes} bytes")
            if time.monotonic() - reported_s > 5:
                reported_s = time.monotonic()
                report(file.tell() / size_bytes, f"{file.tell() / 1e9:.2f} of {size_bytes / 1e9:.2f} GB")
        file.flush()
        os.fsync(file.fileno())
