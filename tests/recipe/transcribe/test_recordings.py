"""Which recordings AUDIO means, with spaces in names and without."""

import pytest

from recipe.errors import InputError
from recipe.transcribe.recordings import Named, recordings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.wav", "b.flac", "a wörd.wav", "inner/c.SPH", "inner/notes.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def names(audio: str) -> list[str]:
    return [str(one.path) for one in recordings(audio)]


def test_one_file_several_files_and_a_folder(folder):
    assert names("a.wav") == ["a.wav"]
    assert names("a wörd.wav") == ["a wörd.wav"]  # although there is an "a.wav" beside it
    assert names("a.wav b.flac") == ["a.wav", "b.flac"]
    assert names("inner/notes.md") == ["inner/notes.md"]  # whoever names a file means it
    assert names("inner") == ["inner/c.SPH"]
    assert [one.path.name for one in recordings(str(folder))] == ["a wörd.wav", "a.wav", "b.flac", "c.SPH"]
    assert names("a.wav missing.wav") == ["a.wav missing.wav"]  # refused where it is opened, by this name


def test_a_list_holds_names_with_spaces_and_what_was_spoken(folder):
    (folder / "inner" / "list.txt").write_text("../a wörd.wav\tgood  morning\n\nc.SPH\r\n", encoding="utf-8")
    path = folder / "inner"
    assert recordings(str(path / "list.txt")) == [
        Named(path / "../a wörd.wav", "good morning"),
        Named(path / "c.SPH"),
    ]


def test_a_reference_goes_with_one_recording(folder):
    assert recordings("a.wav", "good morning") == [Named(recordings("a.wav")[0].path, "good morning")]
    with pytest.raises(InputError, match=r"REFERENCE goes with one recording, and AUDIO='a.wav b.flac' means 2; give"):
        recordings("a.wav b.flac", "good morning")


def test_what_means_nothing_is_one_sentence(folder):
    (folder / "empty").mkdir()
    (folder / "nothing.txt").write_text("\n")
    (folder / "gone.txt").write_text("a.wav\nb c.wav\n")
    for audio, sentence in {
        "": "AUDIO is not given",
        "empty": "empty holds no recording",
        "nothing.txt": "nothing.txt lists no recording",
        "gone.txt": "gone.txt:2: b c.wav does not exist; mend the line, or take it out",
    }.items():
        with pytest.raises(InputError) as error:
            recordings(audio)
        assert sentence in str(error.value) and "\n" not in str(error.value)
