import gzip
import shutil

import pytest

from recipe.corpus.layout import check_layout, recording_seconds
from recipe.errors import InputError


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
