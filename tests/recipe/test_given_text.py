import gzip
import lzma
import tracemalloc
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.given_text import SENTENCES, GivenText, TextRules, given_lines


@pytest.fixture
def text(tmp_path):
    """text(content, name="A.stm") -> path."""

    def write(content, name="A.stm"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return path

    return write


def test_lines_come_with_file_and_number(text):
    path = text(";; comment\nnaïve\n")
    assert list(given_lines(path)) == [(f"{path}:1", ";; comment"), (f"{path}:2", "naïve")]
    assert list(given_lines(text(""))) == []


LINES = ["one", "", "naïve two", "  three\tfour "]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("packed", [False, True])
def test_line_ends_and_byte_order_marks_of_all_kinds_are_read_right(text, end, mark, packed):
    content = (mark + "".join(line + end for line in LINES)).encode()
    path = text(gzip.compress(content, mtime=0), "a.gz") if packed else text(content)
    assert list(GivenText(path)) == LINES


def test_bare_carriage_returns_and_a_final_line_feed(text):
    assert list(GivenText(text("one\rtwo\rthree\r\n"))) == ["one", "two", "three"]


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "Zs"])), max_size=30), st.integers(1, 40))
def test_blocks_of_any_size_give_the_same_lines(tmp_path_factory, lines, size):
    from recipe import given_text

    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    before = given_text._BLOCK_BYTES
    try:
        given_text._BLOCK_BYTES = size
        read = list(given_lines(path))
    except InputError as error:  # a letter that Unicode shows nothing for
        assert "which nobody sees" in str(error)
        return
    finally:
        given_text._BLOCK_BYTES = before
    assert [line for _, line in read] == [unicodedata.normalize("NFC", line) for line in lines]
    assert [where for where, _ in read] == [f"{path}:{number}" for number in range(1, len(lines) + 1)]


UNSEEN = ["\x01", "\x08", "\x1b", "\x1c", "\x1f", "\x7f", "\x80", "\x85", "\x0b", "\x0c", "\u2028", "\u2029", "\u00ad",
          "\u200b", "\u200d", "\u200e", "\u202e", "\u2060", "\u2066", "\ufeff", "\ufff9", "\ufffd", "\ufffe", "\uffff",
          "\ufdd0", "\U0001fffe", "\U0010ffff", "\U000e0041", "\u3164", "\ufe0f"]  # fmt: skip


@pytest.mark.parametrize("character", UNSEEN)
@pytest.mark.parametrize("line", ["wo{}rd", "{}word", "word{}", "naïve wo{}rd"])
def test_characters_that_nobody_sees_are_refused_with_file_and_line(text, character, line):
    path = text(f"first\n{line.format(character)}\n")
    with pytest.raises(InputError) as refused:
        list(given_lines(path))
    assert str(refused.value).startswith(f"{path}:2: the character U+{ord(character):04X},")
    assert str(refused.value).isprintable()


def test_joiners_stay_between_letters_that_join(text):
    word = "می\u200cخواهم क्\u200dष"
    assert list(GivenText(text(f"{word}\n"))) == [word]


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u2003", "\u3000", "\u202f"])
def test_blanks_of_all_kinds_divide_words(text, blank):
    (line,) = GivenText(text(f"a{blank}b\n"))
    assert line.split() == ["a", "b"]


def test_letters_and_their_marks_are_composed(text):
    assert list(GivenText(text("cafe\u0301 A\u030a\n"))) == ["café Å"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a\nb", ":2: the file breaks off"),
        (b"a\n\xff\n", ":2: not UTF-8"),
        (b"a\rb\r\n\xff\n", ":3: not UTF-8"),
        (b"a\n\xed\xa0\x80\n", ":2: not UTF-8"),
        (b"a\nb\x00c\n", r":2: the character U\+0000"),
        ("a\nb\n".encode("utf-16"), ":1: UTF-16; convert"),
        ("a\nb\n".encode("utf-16-le"), r":1: the character U\+0000 in it, as in UTF-16"),
        ("a\nb\n".encode("utf-16-be"), r":1: the character U\+0000 in it, as in UTF-16"),
        ("a\nb\n".encode("utf-32"), ":1: UTF-32; convert"),
        (b"\xfe\xff\x00a\x00\n", ":1: UTF-16; convert"),
        (gzip.compress(b"a\n", mtime=0), ": compressed with gzip"),
        (lzma.compress(b"a\n"), ": compressed with xz"),
    ],
)
def test_what_is_no_text_is_refused(text, content, told):
    with pytest.raises(InputError, match=f"A.stm{told}"):
        list(given_lines(text(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"plain\n",
        lzma.compress(b"a\n"),
        gzip.compress(b"a\n" * 1000, mtime=0)[:-20],
        gzip.compress(b"a\n", mtime=0) + b"garbage",
        gzip.compress(b"a\n", mtime=0)[:-8] + bytes(8),
    ],
    ids=["not packed", "xz", "cut off", "trailing garbage", "checksum"],
)
def test_broken_gzip_is_refused(text, content):
    with pytest.raises(InputError, match="a.gz: unreadable as gzip after line"):
        list(GivenText(text(content, "a.gz")))


def test_gzip_in_several_members_is_one_text(text):
    assert list(GivenText(text(gzip.compress(b"a\nb", mtime=0) + gzip.compress(b"c\n", mtime=0), "a.gz"))) == [
        "a",
        "bc",
    ]


def peak_bytes(read):
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fill", [b"\0", b" ", b"x", b"a "])
@pytest.mark.parametrize("packed", [False, True])
def test_a_line_without_end_is_refused_in_little_memory(text, fill, packed):
    content = b"first\n" + fill * (60_000_000 // len(fill))
    path = text(gzip.compress(content, 1, mtime=0), "a.gz") if packed else text(content)

    def read():
        with pytest.raises(InputError, match=r"(a.gz|A.stm):2: the (line is longer|character U\+0000)"):
            list(GivenText(path, SENTENCES))

    assert peak_bytes(read) < 30_000_000


def test_a_bomb_of_short_lines_is_refused(text):
    path = text(gzip.compress(b"\n" * 100_000_000, mtime=0), "a.gz")
    with pytest.raises(InputError, match="a.gz: unpacks to more than 200 times its own size"):
        for _ in GivenText(path, SENTENCES):
            pass


def test_the_bounds_of_a_text_are_fields(text):
    path = text(gzip.compress(b"one two\nthree\n", mtime=0), "a.gz")
    for rules, told in [
        (TextRules(line_characters=6), "a.gz:1: the line is longer than 6 characters"),
        (TextRules(word_characters=4), "a.gz:2: 'three' is longer than any word"),
        (TextRules(unpacked_bytes=10), "a.gz: unpacks to more than 10 bytes"),
    ]:
        with pytest.raises(InputError, match=told):
            list(GivenText(path, rules))
    with pytest.raises(InputError, match="TextRules.line_characters is 0"):
        TextRules(line_characters=0)
    with pytest.raises(InputError, match="TextRules.max_left_out_percent is 100"):
        TextRules(max_left_out_percent=100)


def test_a_few_unusable_sentences_are_left_out_and_counted(text):
    good = "fine words\n" * 299
    for bad in ("so\u200bft\n", "x" * 300 + "\n", "bell\x07\n"):
        sentences = GivenText(text(bad + good), SENTENCES)
        assert list(filter(None, sentences)) == ["fine words"] * 299
        assert sentences.left_out == 1


def test_many_unusable_sentences_are_refused_by_the_first(text):
    path = text("fine\n" * 90 + "be\x07ll\n" * 10)
    with pytest.raises(InputError, match=r"A.stm:91: the character U\+0007.*, and 9 more lines of 100 like it"):
        list(GivenText(path, SENTENCES))


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_or_one_sentence(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(content)
    try:
        lines = [line for _, line in given_lines(path)]
    except InputError as error:
        assert str(error).startswith(str(path)) and str(error).isprintable()
        return
    assert all(line == unicodedata.normalize("NFC", line) and "\n" not in line and "\0" not in line for line in lines)
