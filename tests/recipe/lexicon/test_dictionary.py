import pytest

from recipe.errors import InputError
from recipe.lexicon.dictionary import find_oov, read_dictionary, read_pronunciations, write_pronunciations

DICTIONARY = """'d   D IY
'll   EH L EH L
'll(2)   AH L
ayışığı EY
tomato   T AH M EY T OW
tomato(2)   T AH M AA T OW
tomato(7)   T AH M EY T OW

a   AH
"""


@pytest.fixture
def dictionary(tmp_path):
    def write(content):
        path = tmp_path / "some words.dic"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_flaws_are_mended_and_variants_merged(dictionary):
    assert read_dictionary(dictionary(DICTIONARY)) == {
        "'d": [("D",)],
        "'ll": [("L",), ("AH", "L")],
        "tomato": [tuple("T AH M EY T OW".split()), tuple("T AH M AA T OW".split())],
        "a": [("AH",)],
    }


def test_pronunciation_file(dictionary, tmp_path):
    words = read_dictionary(dictionary(DICTIONARY))
    write_pronunciations(tmp_path / "p.txt", words)
    assert (tmp_path / "p.txt").read_text().splitlines()[:4] == ["'d D", "'ll L", "'ll AH L", "a AH"]
    assert read_pronunciations(tmp_path / "p.txt") == words


@pytest.mark.parametrize(
    "content, told",
    [
        ("a AH\nword\n", "words.dic:2.*'word'"),
        ("a AH0\n", "words.dic:1.*'AH0'.*'a'"),
        ("a ah\n", "words.dic:1.*'ah'"),
        ("a AH\nnaïve N\n".encode("latin-1"), "words.dic:2.*UTF-8"),
        ("", "no entry"),
        ("a AH\nwo\ufeffrd AH\n", r"words.dic:2.*U\+FEFF"),
        ("a AH\nwo\x01rd AH\n", r"words.dic:2.*U\+0001"),
        ("a AH\n".encode("utf-16-le"), r"words.dic:1.*U\+0000"),
        ("w" * 10_000_000, "words.dic:1.*longer"),
    ],
)
def test_bad_dictionaries_are_named(dictionary, content, told):
    with pytest.raises(InputError, match=told):
        read_dictionary(dictionary(content))


def test_unknown_words_whatever_their_case():
    assert find_oov(["Hello new new\n", "WORLD\n"], ["hello", "World"]) == {"new": 2}


def test_byte_order_mark_and_line_ends_of_other_systems_are_no_part_of_words(dictionary):
    assert read_dictionary(dictionary("\ufeffa AH\r\ncafe\u0301 K AE F EY\r\n")) == {
        "a": [("AH",)],
        "café": [("K", "AE", "F", "EY")],
    }
