import os
import socket

import pytest

from recipe.errors import InputError
from recipe.given_files import open_regular


def test_a_file_is_read_through_links(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "further").symlink_to("link")
    with open_regular(tmp_path / "further") as file:
        assert file.read() == b"content"


def make(folder, kind):
    path = folder / "it"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to("it")
    elif kind == "long loop":
        path.symlink_to("other")
        (folder / "other").symlink_to("it")
    elif kind == "dangling":
        path.symlink_to("nothing")
    elif kind == "in a file":
        (folder / "file").touch()
        path = folder / "file" / "it"
    elif kind == "long":
        path = folder / ("x" * 300)
    elif kind == "link to a fifo":
        os.mkfifo(folder / "fifo")
        path.symlink_to("fifo")
    return path


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("fifo", "is a fifo"),
        ("link to a fifo", "is a fifo"),
        ("directory", "is a directory"),
        ("device", "is a device"),
        ("loop", "leads back to itself"),
        ("long loop", "leads back to itself"),
        ("dangling", "is not there"),
        ("nothing", "is not there"),
        ("in a file", "is not there"),
        ("long", "too long a name"),
    ],
)
def test_what_is_no_file_is_refused_by_name_and_at_once(tmp_path, kind, told):
    path = make(tmp_path, kind)
    with pytest.raises(InputError, match=told) as refused:
        open_regular(path)
    assert str(refused.value).startswith(str(path))


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("it")
        with pytest.raises(InputError, match="it is a socket"):
            open_regular("it")


def test_a_name_with_a_zero_byte_is_refused():
    with pytest.raises(InputError, match="is no path"):
        open_regular("a\0b")


def test_a_fifo_that_takes_the_place_of_a_file_between_look_and_opening_does_not_hang(tmp_path, monkeypatch):
    from recipe import given_files

    os.mkfifo(tmp_path / "it")
    monkeypatch.setattr(given_files, "require_regular", lambda path: None)
    with pytest.raises(InputError, match="is a fifo"):
        open_regular(tmp_path / "it")
