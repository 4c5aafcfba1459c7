import pytest

from recipe.files import open_text, write_progress, written_aside


def test_what_a_killed_writer_left_goes_with_the_next_writing_of_the_same_file(tmp_path):
    """Not that of another file whose name ends alike: its writer may be alive."""
    stale, other = tmp_path / ".part-1-talk.sph", tmp_path / ".part-1-my-talk.sph"
    for path in (stale, other):
        path.write_bytes(b"half")
    with written_aside(tmp_path / "talk.sph") as scratch:
        scratch.write_bytes(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "talk.sph"]


def test_a_name_with_wildcards_is_taken_literally(tmp_path):
    other = tmp_path / ".part-1-talkx.txt"
    other.write_bytes(b"half")
    with open_text(tmp_path / "talk?.txt", "wt") as file:
        file.write("whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "talk?.txt"]


def test_a_failed_writer_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt.gz"
    with open_text(path, "wt") as file:
        file.write("first")
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), open_text(path, "wt") as file:
        file.write("second")
        file.write(1 // 0)
    assert path.read_bytes() == before and [path.name for path in tmp_path.iterdir()] == [path.name]


def test_progress_is_one_line(tmp_path):
    write_progress(tmp_path / "progress", 0.5, "half of it")
    write_progress(tmp_path / "progress", 2 / 3, "more")
    assert (tmp_path / "progress").read_text() == "0.6667 more\n"
