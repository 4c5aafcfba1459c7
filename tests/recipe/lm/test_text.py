import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.files import open_text
from recipe.lm.text import normalise, sentences_of, write_text


@pytest.mark.parametrize(
    "line, expected",
    [
        ("it 's  so\t</s>\n", "it 's so"),
        ("<s> a b </s>", "a b"),
        ("a </s> b\n", "a </s> b"),
        ("caf\u00e9\u00a0noir\n", "caf\u00e9 noir"),
        ("</s>\n", ""),
    ],
)
def test_white_space_is_single_and_sentence_marks_at_the_ends_drop(line, expected):
    assert normalise(line) == expected


@given(
    st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1)), st.sampled_from([" ", "\t", "  ", "\u2003"])
)
def test_normalising_keeps_the_words(words, space):
    assert normalise(space.join(words) + " </s>\n").split() == words


def test_sources_are_joined_in_order_without_empty_lines(tmp_path):
    (tmp_path / "one two.txt").write_text("a  b </s>\n\n c\n", encoding="utf-8")
    with gzip.open(tmp_path / "b.gz", "wt", encoding="utf-8") as file:
        file.write("d \u00e9\n")
    target = tmp_path / "text.gz"
    assert write_text([str(tmp_path / "one two.txt"), str(tmp_path / "b.gz")], str(target)) == 3
    with open_text(target) as file:
        assert file.read() == "a b\nc\nd \u00e9\n"


def test_bad_utf8_is_told_with_file_and_line_and_leaves_no_output(tmp_path):
    source = tmp_path / "latin.txt"
    source.write_bytes(b"fine\n" * 5000 + b"caf\xe9\n" + b"fine\n")
    with pytest.raises(InputError, match=r"latin\.txt:5001: not UTF-8"):
        write_text([str(source)], str(tmp_path / "text.gz"))
    assert [path.name for path in tmp_path.iterdir()] == ["latin.txt"]


def test_broken_off_gzip_names_the_file(tmp_path):
    source = tmp_path / "lm.gz"
    source.write_bytes(gzip.compress(b"a b c\n" * 1000)[:-20])
    with pytest.raises(InputError, match=r"lm\.gz: unreadable"):
        write_text([str(source)], str(tmp_path / "text.gz"))


def test_a_folder_stands_for_its_compressed_texts_by_name(tmp_path):
    folder = tmp_path / "LM"
    folder.mkdir()
    for name, content in {"b.en.gz": "second", "a.en.gz": "first", "arpa.gz": "no text", "readme.txt": "no"}.items():
        (folder / name).write_bytes(gzip.compress(content.encode()))
    assert write_text([str(folder)], str(tmp_path / "text.gz")) == 2
    with open_text(tmp_path / "text.gz") as file:
        assert file.read() == "first\nsecond\n"


def test_a_missing_source_and_an_empty_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"no\.gz: no such file"):
        write_text([str(tmp_path / "no.gz")], str(tmp_path / "text.gz"))
    with pytest.raises(InputError, match=r"no \*\.en\.gz in it"):
        write_text([str(tmp_path)], str(tmp_path / "text.gz"))


@pytest.mark.parametrize("content", ["", "\n \n</s>\n"])
def test_a_text_without_words_is_refused(tmp_path, content):
    source = tmp_path / "empty.txt"
    source.write_text(content)
    with pytest.raises(InputError, match=r"empty\.txt: the LM text holds no words"):
        write_text([str(source)], str(tmp_path / "text.gz"))


def test_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    assert list(sentences_of(str(tmp_path / "a.txt"))) == ["one", "two"]


def test_sentences_that_no_text_should_hold_are_left_out_and_told(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("wo\u200brd\n" + "fine words\n" * 200, encoding="utf-8")
    assert write_text([str(tmp_path / "a.txt")], str(tmp_path / "text.gz")) == 200
    assert "left out: 1 lines of" in capsys.readouterr().out
