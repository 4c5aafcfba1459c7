"""Packages of Debian's archive: fetched by the system's own tool or taken from a folder, checked, unpacked.

A .deb file is an archive of `ar`: after `!<arch>`, members behind headers of 60 bytes, among them `data.tar.xz`
(deb(5), ar(5)).
"""

from __future__ import annotations

import io
import lzma
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from recipe.corpus.download import digest
from recipe.errors import InputError

_MAGIC = b"!<arch>\n"
_HEADER_BYTES = 60


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package that is known by its content."""

    name: str
    """As apt knows it."""
    version: str
    """The version that was looked at."""
    sha256: str
    """Digest of the .deb file, in hexadecimal."""
    size_bytes: int
    """Of the .deb file."""
    folders: tuple[str, ...]
    """What is needed of it: paths below these, without a leading slash."""


def given_file(package: Package, folder: str | os.PathLike) -> Path:
    """The .deb file of a package in a folder.

    :raises InputError: when there is none, or not the known one
    """
    found = sorted(Path(folder).glob(f"{package.name}_*.deb"))
    if not found:
        raise InputError(
            f"{folder}: no {package.name}_*.deb there; fetch version {package.version} with `apt-get download "
            f"{package.name}`, or from snapshot.debian.org"
        )
    for path in found:
        if path.stat().st_size == package.size_bytes and digest(path) == package.sha256:
            return path
    raise InputError(
        f"{found[0]} is not {package.name} {package.version} with the SHA-256 digest {package.sha256}; fetch that "
        "version again, from snapshot.debian.org where your release has another one"
    )


def fetched_file(package: Package, folder: Path) -> Path:
    """The .deb file in a folder, fetched there by apt-get, which needs no root for this.

    :raises InputError: when there is no apt-get, or it does not find the version
    """
    if not any(folder.glob(f"{package.name}_*.deb")):
        apt_get = shutil.which("apt-get")
        known = f"{package.name} {package.version}"
        mend = f"put {known} (snapshot.debian.org has it) into a folder and set SPOKEN_GAMES_DEBS"
        if apt_get is None:
            raise InputError(f"there is no apt-get on this machine; {mend}")
        done = subprocess.run(
            [apt_get, "download", f"{package.name}={package.version}"], cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise InputError(f"apt-get download {package.name}={package.version} fails ({reason}); {mend}")
    return given_file(package, folder)


def members(path: Path) -> dict[str, bytes]:
    """The members of an `ar` archive by name.

    :raises InputError: when it is none, or breaks off
    """
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise InputError(f"{path} is no Debian package; fetch it again")
    found, position = {}, len(_MAGIC)
    while position < len(data):
        header = data[position : position + _HEADER_BYTES]
        size = header[48:58].strip()
        start = position + _HEADER_BYTES
        if header[58:] != b"`\n" or not size.isdigit() or start + int(size) > len(data):
            raise InputError(f"{path} is damaged or cut off; fetch it again")
        found[header[:16].decode("latin-1").strip().rstrip("/")] = data[start : start + int(size)]
        position = start + int(size) + int(size) % 2
    return found


def unpack(path: Path, package: Package, target: Path) -> None:
    """Write the files of a package that `package.folders` asks for below `target`; links and all else are passed over.

    :raises InputError: when the package is damaged, or a path leads out of `target`
    """
    content = members(path).get("data.tar.xz")
    if content is None:
        raise InputError(f"{path} holds no data.tar.xz; give the package of Debian's own archive")
    try:
        with tarfile.open(fileobj=io.BytesIO(lzma.decompress(content)), mode="r:") as tar:
            for member in tar:
                name = PurePosixPath(member.name.removeprefix("./"))
                if member.isreg() and any(name.is_relative_to(folder) for folder in package.folders):
                    tar.extract(member, target, filter="data")
    except (tarfile.TarError, lzma.LZMAError, EOFError) as error:
        raise InputError(f"{path} cannot be unpacked ({error}); fetch it again") from None
