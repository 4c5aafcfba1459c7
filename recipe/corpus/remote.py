"""Files of public corpora as values: where they are, how large they are, and their digest."""

from __future__ import annotations

from dataclasses import dataclass

from recipe.errors import require

OPENSLR_HOSTS = ("www.openslr.org", "us.openslr.org", "openslr.elda.org")
"""Servers of OpenSLR, which offer the same files."""
_HEX = set("0123456789abcdef")


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file to be downloaded.

    :raises InputError: for an address of another kind, a size below 1, or a digest that is none
    """

    name: str
    """Its file name."""
    urls: tuple[str, ...]
    """Tried in order; each must offer the same file."""
    size_bytes: int
    """Its size."""
    sha256: str | None = None
    """Its digest in hexadecimal."""
    md5: str | None = None
    """The same, where only this one is published."""

    def __post_init__(self) -> None:
        require(bool(self.urls), f"RemoteFile.urls of {self.name} is empty; give at least one address")
        for url in self.urls:
            known = url.startswith(("https://", "http://"))
            require(known, f"RemoteFile.urls holds {url!r}; give addresses that begin with https:// or http://")
        require(self.size_bytes > 0, f"RemoteFile.size_bytes is {self.size_bytes}; it must be above 0")
        for name, digits in (("sha256", 64), ("md5", 32)):
            value = getattr(self, name)
            fits = value is None or (len(value) == digits and set(value) <= _HEX)
            require(fits, f"RemoteFile.{name} is {value!r}; give {digits} hexadecimal digits in lower case, or None")

    def __sis_state__(self) -> dict[str, object]:
        """What the job hash sees: the content, wherever it comes from."""
        digest = self.sha256 or self.md5
        return {"name": self.name, "digest": digest} if digest else {"urls": self.urls, "size_bytes": self.size_bytes}


@dataclass(frozen=True, kw_only=True)
class RemoteArchive:
    """A .tar.gz to be downloaded and unpacked."""

    file: RemoteFile
    """The archive."""
    folder: str
    """A folder that its content must have, at its top or within one outer folder."""
    unpacked_bytes: int
    """Estimate of the size of its content, to check the free disk space before the download."""

    def __sis_state__(self) -> dict[str, object]:
        """What the job hash sees: the content."""
        return {"file": self.file, "folder": self.folder}

    def note(self, variable: str) -> str:
        """A line for `make plan`.

        :param variable: of the environment, that names a directory instead
        """
        return (
            f"To download: {self.file.size_bytes / 1e9:.1f} GB from {self.file.urls[0]}, unpacked about "
            f"{self.unpacked_bytes / 1e9:.0f} GB; or set {variable} to a directory that holds the corpus."
        )


def openslr(resource: int, name: str, size_bytes: int, sha256: str | None = None, md5: str | None = None) -> RemoteFile:
    """A file of a resource of openslr.org."""
    urls = tuple(f"https://{host}/resources/{resource}/{name}" for host in OPENSLR_HOSTS)
    return RemoteFile(name=name, urls=urls, size_bytes=size_bytes, sha256=sha256, md5=md5)
