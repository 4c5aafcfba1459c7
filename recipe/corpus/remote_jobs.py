"""Jobs that bring files of public corpora here."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sisyphus import Task, tk

from recipe.corpus.jobs import report_progress
from recipe.corpus.remote import RemoteArchive, RemoteFile
from recipe.job import ShortJob


def fetch(file: RemoteFile, folder: Path, further_bytes: int = 0) -> Path:
    """Download a file into a folder, after a look at the free disk space; return where it is.

    :param further_bytes: that will be needed besides it
    :raises InputError: as recipe/corpus/download.py
    """
    from recipe.corpus.download import download, require_space

    path = folder / file.name
    have = next((one.stat().st_size for one in (path, folder / f"{file.name}.part") if one.exists()), 0)
    what = "the archive with its content" if further_bytes else file.name
    require_space(folder, file.size_bytes - have + further_bytes, what)
    download(file.urls, path, file.size_bytes, file.sha256, report_progress, md5=file.md5)
    return path


class DownloadFileJob(ShortJob):
    """Download one file. After an interruption the download goes on where it was."""

    def __init__(self, file: RemoteFile):
        self.file = file
        self.out_file = self.output_path(file.name)

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 1, "time": 12})

    def run(self):
        out = Path(self.out_file.get_path())
        if not out.exists():
            os.replace(fetch(self.file, Path.cwd()), out)


class DownloadArchiveJob(ShortJob):
    """Download an archive and unpack it; the archive is removed once its content is complete.

    After an interruption the download goes on where it was, the unpacking restarts.
    """

    def __init__(self, archive: RemoteArchive):
        self.archive = archive
        self.out_root = self.output_path("content", directory=True)

    def tasks(self):
        rqmt = {"cpu": 1, "mem": 1, "time": 48}
        yield Task("download", resume="download", rqmt=rqmt)
        yield Task("unpack", resume="unpack", rqmt={**rqmt, "time": 12})

    def download(self):
        """Fetch the archive."""
        fetch(self.archive.file, Path.cwd(), self.archive.unpacked_bytes)

    def unpack(self):
        """Unpack it and remove the archive."""
        from recipe.corpus.unpacking import unpack

        archive, root = Path(self.archive.file.name), Path(self.out_root.get_path())
        if archive.exists():  # else an earlier attempt was stopped just before its end
            unpack(archive, root, report_progress, self.archive.folder)
        archive.unlink(missing_ok=True)


class JoinFoldersJob(ShortJob):
    """A folder with links to the entries of several, so that recordings of all of them are relative to one root."""

    def __init__(self, folders: list[tk.Path]):
        """:param folders: the first that has an entry of a name gives it"""
        self.folders = folders
        self.out_root = self.output_path("joined", directory=True)

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        root = Path(self.out_root.get_path())
        scratch = root.with_name(f".unpacking-{root.name}")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        for folder in self.folders:
            for entry in sorted(Path(folder.get_path()).iterdir()):
                if not (scratch / entry.name).is_symlink():
                    (scratch / entry.name).symlink_to(os.path.relpath(entry.resolve(), scratch.resolve()))
        shutil.rmtree(root, ignore_errors=True)
        os.replace(scratch, root)
