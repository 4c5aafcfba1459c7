import hashlib
from collections import namedtuple

import pytest

from recipe.corpus import download as module
from recipe.corpus.download import digest, download, require_space
from recipe.errors import InputError

CONTENT = bytes(range(256)) * 5_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def fetch(path, *urls, sha256=SHA256):
    download(urls, path, len(CONTENT), sha256, pause_s=0.0)
    return path.read_bytes()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "an archive für uns.tar.gz"


def part_of(target):
    return target.with_name(f"{target.name}.part")


def test_whole_file_at_once(serve, target):
    server, url = serve(CONTENT)
    assert fetch(target, url) == CONTENT
    assert not part_of(target).exists() and len(server.asked) == 1
    assert fetch(target, url) == CONTENT and len(server.asked) == 1  # what is there is not asked for again


def test_every_interruption_is_resumed(serve, target):
    server, url = serve(CONTENT, stop_after=300_000)
    assert fetch(target, url) == CONTENT
    assert server.asked == [f"bytes={start}-" for start in range(0, len(CONTENT), 300_000)]


def test_what_another_run_left_is_kept(serve, target):
    server, url = serve(CONTENT)
    part_of(target).write_bytes(CONTENT[:1234])
    assert fetch(target, url) == CONTENT
    assert server.asked == ["bytes=1234-"]


def test_server_without_ranges_begins_again(serve, target):
    _, url = serve(CONTENT, ranges=False)
    part_of(target).write_bytes(b"x" * 1234)
    assert fetch(target, url) == CONTENT


def test_remains_longer_than_the_file_are_dropped(serve, target):
    _, url = serve(CONTENT)
    part_of(target).write_bytes(CONTENT + b"more")
    assert fetch(target, url) == CONTENT


@pytest.mark.parametrize(
    "first", [{"status": 404}, {"status": 503}, {"content": CONTENT[:-1]}, {"stop_after": 0}, {"shift": 7}]
)
def test_next_server_helps_out(serve, target, first):
    assert fetch(target, serve(**{"content": CONTENT} | first)[1], serve(CONTENT)[1]) == CONTENT


def test_nobody_there_names_every_server(serve, target):
    (gone, missing), (silent, closed) = serve(CONTENT, status=404), serve(CONTENT)
    silent.shutdown(), silent.server_close()
    with pytest.raises(InputError, match=f"{missing}: HTTP 404.*{closed}: .*refused"):
        fetch(target, missing, closed)
    assert len(gone.asked) == 1  # a 404 stays one


def test_endless_interruptions_end(serve, target):
    server, url = serve(CONTENT, stop_after=0)
    with pytest.raises(InputError, match=f"connection ended after 0 of {len(CONTENT)} bytes"):
        fetch(target, url)
    assert len(server.asked) == module.FRUITLESS_ROUNDS


@pytest.mark.parametrize("ranges", [True, False])
def test_another_size_is_told_before_the_file_is_read(serve, target, ranges):
    _, url = serve(CONTENT + b"more", ranges=ranges)
    with pytest.raises(InputError, match=f"{len(CONTENT) + 4} bytes where {len(CONTENT)} are expected"):
        fetch(target, url)
    assert not part_of(target).exists()


def test_wrong_digest_removes_the_file(serve, target):
    _, url = serve(CONTENT[::-1])
    with pytest.raises(InputError, match=f"{target.name} has the SHA-256 digest .* where {SHA256} is expected"):
        fetch(target, url)
    assert list(target.parent.iterdir()) == []


def test_without_a_digest_the_size_is_enough(serve, target):
    _, url = serve(CONTENT[::-1])
    assert fetch(target, url, sha256=None) == CONTENT[::-1]


def test_progress_is_told(serve, target):
    shares = []
    download([serve(CONTENT)[1]], target, len(CONTENT), SHA256, lambda share, text: shares.append(share))
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_small_disk(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda folder: usage(10, 0, 5_000_000_000))
    require_space(tmp_path, 5_000_000_000, "it")
    with pytest.raises(InputError, match=f"{tmp_path}: the archive needs 84.8 GB, but the disk has 5.0 GB free"):
        require_space(tmp_path, 84_791_529_840, "the archive")


def test_digest(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert digest(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
