import io
import tarfile
from dataclasses import replace

import pytest

from recipe.corpus.spoken_games import debian
from recipe.corpus.spoken_games.debian import Package, fetched_file, given_file, members, unpack
from recipe.errors import InputError

from .conftest import package

FILES = {"usr/share/game/voice": b"sound", "usr/share/doc/readme": b"text"}


@pytest.fixture
def deb(tmp_path):
    return package(tmp_path / "game_1_all.deb", FILES)


@pytest.fixture
def known(deb):
    return Package(
        name="game", version="1", sha256=debian.digest(deb), size_bytes=deb.stat().st_size, folders=("usr/share/game",)
    )


def test_what_is_asked_for_is_unpacked(deb, known, tmp_path):
    unpack(given_file(known, tmp_path), known, tmp_path / "out")
    found = [path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [str(path) for path in found] == ["usr/share/game/voice"]
    assert (tmp_path / "out" / found[0]).read_bytes() == b"sound"


def test_another_package_is_refused(deb, known, tmp_path):
    with pytest.raises(InputError, match="is not game 1 with the SHA-256 digest .* snapshot.debian.org"):
        given_file(replace(known, sha256="0" * 64), tmp_path)
    with pytest.raises(InputError, match=r"no other_\*.deb there; fetch version 1"):
        given_file(replace(known, name="other"), tmp_path)


@pytest.mark.parametrize("cut", [0, 30, 200])
def test_a_package_that_breaks_off_is_told(deb, known, tmp_path, cut):
    deb.write_bytes(deb.read_bytes()[:cut] if cut else b"<html>")
    with pytest.raises(InputError, match="fetch it again"):
        unpack(deb, known, tmp_path / "out")


def test_damaged_content_is_told(deb, known, tmp_path):
    data = bytearray(deb.read_bytes())
    start = data.index(b"\xfd7zXZ")
    data[start + 40 : start + 80] = bytes(40)
    deb.write_bytes(data)
    with pytest.raises(InputError, match="cannot be unpacked .*fetch it again"):
        unpack(deb, known, tmp_path / "out")


def test_no_path_leads_out(tmp_path, known):
    outside = tarfile.TarInfo("./usr/share/game/../../../../outside")
    outside.size = 1
    deb = package(tmp_path / "game_1_all.deb", FILES, outside)
    with pytest.raises(InputError, match="cannot be unpacked"):
        unpack(deb, known, tmp_path / "out")
    assert not (tmp_path / "outside").exists()


def test_members_of_other_writers(tmp_path):
    path = tmp_path / "x.deb"
    body = b"abc"
    header = f"{'name/':<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(body):<10}`\n".encode()  # GNU ar ends names with /
    path.write_bytes(b"!<arch>\n" + header + body + b"\n")
    assert members(path) == {"name": body}


def fake_apt_get(folder, monkeypatch, script):
    tool = folder / "apt-get"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin:/usr/bin")


def test_apt_get_fetches_the_known_version(deb, known, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "job").mkdir()
    fake_apt_get(tmp_path / "bin", monkeypatch, f'test "$*" = "download game=1" && cp {deb} game_1_all.deb')
    assert fetched_file(known, tmp_path / "job").read_bytes() == deb.read_bytes()


def test_what_apt_get_says_is_passed_on(known, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    (tmp_path / "job").mkdir()
    fake_apt_get(tmp_path / "bin", monkeypatch, "echo 'E: Version 1 for game was not found' >&2; exit 100")
    with pytest.raises(InputError, match="Version 1 for game was not found.*set SPOKEN_GAMES_DEBS"):
        fetched_file(known, tmp_path / "job")
    monkeypatch.setenv("PATH", str(tmp_path / "job"))
    with pytest.raises(InputError, match="no apt-get on this machine; put game 1"):
        fetched_file(known, tmp_path / "job")


def test_tar_of_another_kind_is_told(tmp_path, known):
    path = tmp_path / "game_1_all.deb"
    buffer = io.BytesIO(b"2.0\n")
    path.write_bytes(
        b"!<arch>\n" + f"{'debian-binary':<16}{0:<12}{0:<6}{0:<6}{0:<8}{4:<10}`\n".encode() + buffer.read()
    )
    with pytest.raises(InputError, match="holds no data.tar.xz"):
        unpack(path, known, tmp_path / "out")
