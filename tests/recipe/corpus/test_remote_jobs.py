"""Files and archives of public corpora, brought here from a server of this machine."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from sisyphus import tk

from recipe.corpus.librispeech_files import ARCHIVES, LANGUAGE_MODELS, LEXICON, LM_TEXT
from recipe.corpus.remote import RemoteArchive, RemoteFile, openslr
from recipe.corpus.remote_jobs import DownloadArchiveJob, DownloadFileJob, JoinFoldersJob
from recipe.errors import InputError
from tests.recipe.corpus.stand_ins import librispeech_subset


def packed(folder: Path, name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(folder, name)
    return buffer.getvalue()


def remote(url: str, content: bytes, **changes) -> RemoteFile:
    digest = {"md5": hashlib.md5(content).hexdigest()}
    return RemoteFile(**{"name": "a.tar.gz", "urls": (url,), "size_bytes": len(content)} | digest | changes)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The work directory of a job."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def at(job, here, name):
    """The job with its output below `here`."""
    path = here / "output" / name
    path.parent.mkdir(exist_ok=True)
    return path, tk.Path(str(path))


def test_a_subset_is_downloaded_unpacked_and_joined_to_another(here, serve):
    for subset in ("dev-clean", "test-clean"):
        librispeech_subset(here / subset / "LibriSpeech", subset)
    roots = []
    for subset in ("dev-clean", "test-clean"):
        content = packed(here / subset / "LibriSpeech", "LibriSpeech")
        server, url = serve(content, stop_after=len(content) // 2)
        file = remote(url, content, name=f"{subset}.tar.gz")
        job = DownloadArchiveJob(RemoteArchive(file=file, folder=subset, unpacked_bytes=1))
        root, job.out_root = at(job, here, subset)
        job.download()
        assert len(server.asked) > 1  # the connection broke, and the download went on
        job.unpack()
        job.unpack()  # stopped before the engine's mark, the task runs once more
        assert not list(Path.cwd().glob("*.tar.gz*"))
        roots.append(tk.Path(str(root)))
    join = JoinFoldersJob(roots)
    joined, join.out_root = at(join, here, "joined")
    joined.mkdir()
    for _ in range(2):
        join.run()
    assert sorted(path.name for path in joined.iterdir()) == ["SPEAKERS.TXT", "dev-clean", "test-clean"]
    assert len(list(joined.glob("*/*/*/*.flac"))) == 8
    (here / "output").rename(here / "moved")
    assert len(list((here / "moved" / "joined").glob("*/*/*/*.flac"))) == 8  # links are relative


def test_the_archive_of_another_corpus_is_refused(here, serve):
    librispeech_subset(here / "LibriSpeech", "dev-other")
    content = packed(here / "LibriSpeech", "LibriSpeech")
    job = DownloadArchiveJob(
        RemoteArchive(file=remote(serve(content)[1], content), folder="dev-clean", unpacked_bytes=1)
    )
    root, job.out_root = at(job, here, "root")
    job.download()
    with pytest.raises(InputError, match="no dev-clean folder in it, but LibriSpeech; give the archive of the corpus"):
        job.unpack()
    assert not root.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"md5": "0" * 32}, "has the MD5 digest"), ({"sha256": "0" * 64}, "has the SHA-256 digest")],
)
def test_another_digest_is_refused(here, serve, changes, message):
    content = b"WE W IY1\n" * 100
    file = remote(serve(content)[1], content, **changes)
    job = DownloadFileJob(file)
    out, job.out_file = at(job, here, file.name)
    with pytest.raises(InputError, match=message):
        job.run()
    assert not out.exists() and not list(Path.cwd().glob("a.tar.gz*"))


def test_one_file_is_downloaded(here, serve):
    content = b"WE W IY1\n" * 100
    server, url = serve(content)
    job = DownloadFileJob(remote(url, content))
    out, job.out_file = at(job, here, "lexicon.txt")
    job.run()
    job.run()
    assert out.read_bytes() == content and len(server.asked) == 1


def test_mirrors_do_not_change_the_identity_of_a_file():
    ours, theirs = (
        RemoteFile(name="a", urls=(f"https://{host}/a",), size_bytes=5, sha256="1" * 64) for host in ("x", "y")
    )
    assert DownloadFileJob(ours) is DownloadFileJob(theirs)
    plain = [RemoteFile(name="a", urls=(f"https://{host}/a",), size_bytes=5) for host in ("x", "y")]
    assert DownloadFileJob(plain[0]).job_id() != DownloadFileJob(plain[1]).job_id()


@pytest.mark.parametrize(
    "field",
    [{"urls": ()}, {"urls": ("ftp://host/a",)}, {"size_bytes": 0}, {"sha256": "abc"}, {"md5": "G" * 32}],
)
def test_a_file_that_cannot_be(field):
    with pytest.raises(InputError, match=f"RemoteFile.{next(iter(field))}"):
        RemoteFile(**{"name": "a", "urls": ("https://host/a",), "size_bytes": 1} | field)


def test_every_archive_has_a_digest_and_every_file_an_address_at_openslr():
    assert all(archive.file.sha256 or archive.file.md5 for archive in ARCHIVES.values())
    files = [archive.file for archive in ARCHIVES.values()] + [LEXICON, LM_TEXT, *LANGUAGE_MODELS.values()]
    for file in files:
        assert file.urls[0].startswith("https://www.openslr.org/resources/") and file.urls[0].endswith(file.name)
    assert openslr(12, "a", 1).urls[1] == "https://us.openslr.org/resources/12/a"


def test_digests_are_those_that_torchaudio_records():
    from torchaudio.datasets.librispeech import _CHECKSUMS

    recorded = {url.rpartition("/")[2]: digest for url, digest in _CHECKSUMS.items()}
    ours = {one.file.name: one.file.sha256 for one in ARCHIVES.values() if one.file.sha256}
    assert ours == recorded
