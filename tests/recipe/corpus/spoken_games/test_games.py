"""Names of recordings and texts are brought together as the games' engines do."""

import numpy as np
import pytest

from recipe.corpus.spoken_games import amazon_queen, drascula
from recipe.corpus.spoken_games.amazon_queen import ARCHIVE, pieces, read_archive, read_lines
from recipe.errors import InputError

from .conftest import archive, conversation, drascula_texts, mp3, scene, seconds_for, things


def put(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_numbers_of_drascula_are_names_of_recordings(tmp_path, drascula_files):
    put(tmp_path, drascula_files)
    clips = {clip.name: clip for clip in drascula.clips(tmp_path)}
    assert len(clips) == 80  # the sound effect has no text
    assert clips["1"].text == "THE RED TABLE STANDS BY THE HOUSE"
    assert clips["D20"].speaker == "drascula"
    assert clips["1"].scene == clips["9"].scene != clips["10"].scene
    samples = clips["1"].samples()
    assert abs(np.abs(samples).max() - 0.5) < 0.02  # 8 bit without sign around 128, header skipped
    assert len(samples) / 11025 == pytest.approx(seconds_for(clips["1"].text) + 0.6, abs=0.01)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"SOMETHING", "does not begin with DRASCULA"), (drascula_texts({"": ["hello"]})[:200], "breaks off")],
)
def test_another_file_in_the_place_of_the_texts(data, message):
    with pytest.raises(InputError, match=message):
        drascula.read_texts(data)


def test_a_package_without_the_game(tmp_path):
    with pytest.raises(InputError, match="no drascula.dat there"):
        next(drascula.clips(tmp_path))
    with pytest.raises(InputError, match="give the package flight-of-the-amazon-queen"):
        next(amazon_queen.clips(tmp_path))


def test_commands_divide_a_text():
    assert list(pieces("One*03 two*FL*XY00(237,112)three")) == [(1, "One"), (2, " two"), (3, ""), (4, "three")]
    assert list(pieces("plain")) == [(1, "plain")]
    assert list(pieces("ends*")) == [(1, "ends"), (2, "")]


def members():
    objects, texts = things(["torch", "Trader Bob"], [False, True], ["A lamp*03", "A door"])
    return {
        "QUEEN.JAS": objects,
        "QUEEN2.JAS": texts,
        "SEC1.DOG": conversation(7, {0x2A: "Hi*06there", 6: "Bye"}, {0x2A: "What do you want?"}, ("Again?", "Yes")),
        "C30E.CUT": scene([(1, "*", 3), (2, "Buy it*03now", 0), (0, "No", 0), (-2, "Later", 0), (2, "Fine", 0)]),
    }


def test_names_of_lines():
    lines = {name: (line.text, line.speaker) for name, line in read_lines(members()).items() if line.text}
    assert lines == {
        "JOE00411": ("A lamp", "joe"),
        "JOE00421": ("A door", "joe"),
        "07002AJ1": ("Hi", "joe"),
        "07002AJ2": ("there", "joe"),
        "070006J1": ("Bye", "joe"),
        "07002AP1": ("What do you want?", "secretary"),
        "07XXXXP1": ("Again?", "secretary"),
        "07XXXXJ1": ("Yes", "joe"),
        "C30E_021": ("Buy it", "trader bob"),
        "C30E_022": ("now", "trader bob"),
        "C30E_031": ("No", "joe"),
        "C30E_041": ("Later", "voice"),
        "C30E_051": ("Fine", "trader bob"),
    }


def test_recordings_find_their_lines(tmp_path):
    sounds = {"C30E_022.SB": mp3("now", 1), "10SSSSSS.SB": mp3("bang", 2)}
    put(tmp_path, {ARCHIVE: archive(members() | sounds)})
    (clip,) = amazon_queen.clips(tmp_path)
    assert (clip.name, clip.text, clip.speaker, clip.scene) == ("C30E_022", "now", "trader bob", "C30E")
    assert 0.6 < len(clip.samples()) / 11025 < 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PNG", "does not begin with QTBL"),
        (archive({"A": b"x"}, compression=2), "compression 2"),
        (archive({"A": b"x" * 50})[:-10], "breaks off"),
        (archive({"A": b"x"})[:20], "breaks off"),
    ],
)
def test_another_file_in_the_place_of_the_archive(data, message):
    with pytest.raises(InputError, match=message):
        read_archive(data)


def test_a_member_that_breaks_off_is_named():
    broken = members()
    broken["SEC1.DOG"] = broken["SEC1.DOG"][:40]
    with pytest.raises(InputError, match="SEC1.DOG breaks off"):
        read_lines(broken)
    del broken["QUEEN2.JAS"]
    with pytest.raises(InputError, match="has no QUEEN2.JAS"):
        read_lines(broken)


def test_a_recording_that_is_no_mp3_is_named(tmp_path):
    put(tmp_path, {ARCHIVE: archive(members() | {"C30E_022.SB": b"no sound" * 20})})
    (clip,) = amazon_queen.clips(tmp_path)
    with pytest.raises(InputError, match="recording C30E_022 cannot be decoded"):
        clip.samples()
