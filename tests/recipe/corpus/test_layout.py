import gzip
import os
import shutil

import pytest

from recipe.corpus.layout import check_layout, dictionary_path, recording_seconds
from recipe.corpus.segmentation import read_part
from recipe.errors import InputError
from recipe.lexicon.dictionary import read_dictionary


def test_complete_layout_passes(corpus):
    check_layout(corpus)


@pytest.mark.parametrize(
    "gap", ["train/sph", "dev/stm", "test", "LM", "LM/news.en.gz", "TEDLIUM.152k.dic", "dev/sph/*", "train/stm/*"]
)
def test_gap_is_named(corpus, gap):
    for path in corpus.glob(gap):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(InputError, match=str(corpus)):
        check_layout(corpus)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (gzip.compress(b" \n\n"), "holds no words"),
        (gzip.compress(b""), "holds no words"),
        (gzip.compress(b"\xff\xfe"), "UTF-8"),
        (b"plain text", "gzip"),
        (gzip.compress(b"some words\n" * 1000)[:15], "gzip"),
    ],
    ids=["blank", "empty", "other encoding", "not compressed", "cut off"],
)
def test_lm_text_without_words_or_of_another_format(corpus, data, told):
    (corpus / "LM" / "news.en.gz").write_bytes(data)
    with pytest.raises(InputError, match=f"news.en.gz.*{told}"):
        check_layout(corpus)


@pytest.mark.parametrize("kind", ["fifo", "directory", "loop"])
@pytest.mark.parametrize(
    "name", ["LM/news.en.gz", "TEDLIUM.152k.dic", "train/stm/Anna_2009.stm", "dev/sph/Anna_2009.sph"]
)
def test_what_is_no_file_is_refused_in_a_sentence(corpus, name, kind):
    path = corpus / name
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(path.name)
    with pytest.raises(InputError, match=f"{path.name} is "):
        check_layout(corpus)
        read_dictionary(dictionary_path(corpus))
        for part in ("train", "dev"):
            list(read_part(corpus, part))


@pytest.mark.parametrize("fill", [b"\0", b" ", b"\n", b"x"])
def test_an_lm_text_that_unpacks_to_very_much_does_not_hold_the_graph_up(corpus, fill):
    (corpus / "LM" / "news.en.gz").write_bytes(gzip.compress(fill * 80_000_000, 1))
    with pytest.raises(InputError, match="news.en.gz"):
        check_layout(corpus)


def test_an_lm_text_whose_name_cannot_be_part_of_others_is_refused(corpus):
    (corpus / "LM" / "a b.en.gz").write_bytes(gzip.compress(b"some words\n"))
    with pytest.raises(InputError, match="LM: the LM text is named 'a b.en.gz'"):
        check_layout(corpus)


def test_root_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        check_layout(tmp_path / "nowhere")


def test_two_dictionaries(corpus):
    (corpus / "other.dic").write_text("a AH\n")
    with pytest.raises(InputError, match="exactly one"):
        check_layout(corpus)


def test_recording_seconds(tmp_path, recording):
    path = tmp_path / "talk with space.sph"
    recording(path, seconds=2.5)
    assert recording_seconds(path) == 2.5


@pytest.mark.parametrize("format, told", [({"rate_hz": 8000}, "8000 Hz"), ({"channels": 2}, "2 channel")])
def test_recording_of_another_format(tmp_path, recording, format, told):
    recording(tmp_path / "talk.sph", **format)
    with pytest.raises(InputError, match=f"talk.sph.*{told}"):
        recording_seconds(tmp_path / "talk.sph")


def test_recording_that_is_no_audio(tmp_path):
    (tmp_path / "talk.sph").write_bytes(b"NIST_1A\n   1024\nnothing")
    with pytest.raises(InputError, match="talk.sph cannot be read"):
        recording_seconds(tmp_path / "talk.sph")


def test_recording_without_samples(tmp_path, recording):
    recording(tmp_path / "talk.sph", seconds=0)
    with pytest.raises(InputError, match="talk.sph holds no samples"):
        recording_seconds(tmp_path / "talk.sph")
