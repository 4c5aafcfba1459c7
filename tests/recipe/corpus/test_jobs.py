import hashlib
import io
import subprocess
import sys
import tarfile
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest
from sisyphus import tk

from recipe.corpus.config import SegmentPadding
from recipe.corpus.jobs import DownloadCorpusJob, SegmentCorpusJob
from recipe.corpus.mini.config import tiny_corpus
from recipe.corpus.tedlium import TedliumArchive, TedliumDirectory
from recipe.errors import InputError

ROOT = Path(__file__).resolve().parents[3]


def segment_id(corpus, **arguments):
    return SegmentCorpusJob(corpus.directory(), corpus.parts.train, **arguments).job_id()


def test_a_named_corpus_may_move(corpus):
    before = segment_id(TedliumDirectory(root=str(corpus), identity="release 2"))
    unnamed = segment_id(TedliumDirectory(root=str(corpus)))
    moved = corpus.rename(corpus.with_name("elsewhere"))
    assert segment_id(TedliumDirectory(root=str(moved), identity="release 2")) == before
    assert segment_id(TedliumDirectory(root=str(moved))) != unnamed


def test_generated_and_given_corpora_feed_the_same_job():
    assert segment_id(tiny_corpus()) == segment_id(tiny_corpus())
    assert segment_id(tiny_corpus()) != segment_id(tiny_corpus(seed=2))
    assert segment_id(tiny_corpus()) != segment_id(tiny_corpus(), padding=SegmentPadding())


def test_gap_in_a_given_corpus_is_told_while_the_graph_is_built(corpus):
    (corpus / "TEDLIUM.152k.dic").unlink()
    with pytest.raises(InputError, match=r"\.dic"):
        TedliumDirectory(root=str(corpus)).prepare()


def test_graph_is_built_without_heavy_imports():
    """Building costs no import of torch and the like; only workers need them."""
    code = (
        "import sys, importlib.util\n"
        "if importlib.util.find_spec('sisyphus') is None: sys.path.append('tools/local_sisyphus')\n"
        "from recipe.corpus.mini.config import tiny_corpus\n"
        "from recipe.features.jobs import LogMelJob\n"
        "from recipe.lexicon.graph import build_lexicon\n"
        "from recipe.lexicon.labels import SentencePieceLabels\n"
        "corpus = tiny_corpus().prepare()\n"
        "build_lexicon(corpus, SentencePieceLabels(size=128)).targets(corpus.train.segments)\n"
        "LogMelJob(corpus.root, corpus.train.segments, num_shards=4)\n"
        "print(*sorted({'torch', 'torchaudio', 'h5py', 'returnn', 'numpy', 'soundfile'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.fixture
def archived(corpus, serve):
    """The corpus as an archive on a server, and the value that names it: (server, TedliumArchive)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(corpus, "TEDLIUM_release2")
    data = buffer.getvalue()
    server, url = serve(data)
    digest = hashlib.sha256(data).hexdigest()
    archive = TedliumArchive(urls=(url,), size_bytes=len(data), sha256=digest, unpacked_bytes=10 * len(data))
    return server, archive


@pytest.fixture
def download_job(archived, tmp_path, monkeypatch):
    job = DownloadCorpusJob(archived[1])
    job.out_root = tk.Path(str(tmp_path / "output" / "TEDLIUM_release2"))
    for name in ("output", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return job


def test_downloaded_corpus_is_the_given_one(download_job, corpus):
    download_job.download()
    download_job.unpack()
    root = Path(download_job.out_root.get_path())
    names = sorted(path.relative_to(root) for path in root.rglob("*.*"))
    assert names == sorted(path.relative_to(corpus) for path in corpus.rglob("*.*"))
    assert all((root / name).read_bytes() == (corpus / name).read_bytes() for name in names)
    assert not list(Path.cwd().glob("*.tar.gz*"))  # the archive would double what the corpus takes
    download_job.unpack()  # stopped before the engine's mark, the task runs once more


def test_small_disk_is_told_before_anything_is_downloaded(download_job, archived, monkeypatch):
    server, archive = archived
    usage = namedtuple("usage", "total used free")
    free = archive.size_bytes + archive.unpacked_bytes - 1
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(10, 0, free))
    with pytest.raises(InputError, match="archive with its content needs"):
        download_job.download()
    assert server.asked == []
    Path("corpus.tar.gz.part").write_bytes(b"x")  # what is there already needs no more room
    with pytest.raises(InputError, match="digest"):
        download_job.download()


def test_mirrors_do_not_change_the_identity_of_an_archive():
    ours, theirs = TedliumArchive(), TedliumArchive(urls=("https://mirror.example/ted.tar.gz",))
    assert segment_id(ours) == segment_id(theirs)
    assert segment_id(replace(ours, sha256=None)) != segment_id(replace(theirs, sha256=None))
    assert segment_id(ours) != segment_id(replace(ours, sha256="0" * 64))


@pytest.mark.parametrize(
    "field", [{"urls": ()}, {"urls": ("ftp://host/a",)}, {"size_bytes": 0}, {"sha256": "abc"}, {"sha256": "G" * 64}]
)
def test_archive_that_cannot_be(field):
    with pytest.raises(InputError, match=next(iter(field))):
        TedliumArchive(**field)
