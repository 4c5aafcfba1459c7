"""The file `manifest` of a finished job: size and digest of each of its outputs, to detect damage later.

Its last task id writes it just before the job counts as finished. The real engine ignores the file and does not write
it; a clean-up packs it into finished.tar.gz with the rest.
"""

import hashlib
import json
import os
from collections.abc import Iterator


def write_manifest(job_folder: str) -> None:
    """Write the manifest of all files below `output`, by a rename."""
    entries = {name: _describe(os.path.join(job_folder, name)) for name in _files(job_folder)}
    path = os.path.join(job_folder, "manifest")
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        json.dump({"files": entries}, file, indent=0, ensure_ascii=False, sort_keys=True)
    os.replace(f"{path}.part", path)


def _files(job_folder: str) -> Iterator[str]:
    """Names of files and links below `output`, relative to the job."""
    for folder, folders, files in os.walk(os.path.join(job_folder, "output")):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in files + links:
            yield os.path.relpath(os.path.join(folder, name), job_folder)


def _describe(path: str) -> dict:
    if os.path.islink(path):  # where it points to may move with the work directory; what is there is another's
        return {"link": True}
    return {"bytes": os.path.getsize(path), "sha256": _digest(path)}


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_manifest(job_folder: str) -> dict[str, dict] | None:
    """The entries by file name, of a packed job too; None if there is no manifest.

    :raises ValueError: if the manifest itself cannot be read
    """
    try:
        with open(os.path.join(job_folder, "manifest"), "rb") as file:
            content = file.read()
    except FileNotFoundError:
        content = _packed_manifest(os.path.join(job_folder, "finished.tar.gz"))
    return None if content is None else json.loads(content)["files"]


def _packed_manifest(archive_path: str) -> bytes | None:
    import tarfile

    if not os.path.exists(archive_path):
        return None
    try:
        with tarfile.open(archive_path) as archive:
            return archive.extractfile("manifest").read()
    except KeyError:
        return None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(f"finished.tar.gz: {error}") from error


def damages(job_folder: str, entries: dict[str, dict]) -> Iterator[str]:
    """One sentence for every file that differs from its entry."""
    for name, entry in entries.items():
        path = os.path.join(job_folder, name)
        if not os.path.exists(path):
            yield f"{name} is missing"
        elif "link" not in entry:
            damage = _damage(path, entry)
            if damage:
                yield f"{name} {damage}"


def _damage(path: str, entry: dict) -> str | None:
    try:
        size = os.path.getsize(path)
        if size != entry["bytes"]:
            return f"{'is truncated' if size < entry['bytes'] else 'has grown'}: {size} of {entry['bytes']} bytes"
        return None if _digest(path) == entry["sha256"] else "holds other bytes than were written"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
