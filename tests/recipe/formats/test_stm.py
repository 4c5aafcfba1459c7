import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.formats.segments import Segment
from recipe.formats.stm import StmLine, parse_stm_line, reference_line, sclite_words, write_reference

SEGMENT = Segment("c/t/1", "t.sph", 10.0, 12.0, "some body", "a b")
fields = st.text(alphabet="aB9_.-&'é", min_size=1, max_size=6)
names = fields.filter(lambda name: name[0] not in ".-" and ".." not in name)


def test_a_reference_line_has_seven_columns():
    assert reference_line(SEGMENT) == "c/t/1 1 some_body 10.000 12.000 <o> a b"


def test_references_are_sorted_by_name(tmp_path):
    segments = [Segment(f"c/t/{n}", "t.sph", n, n + 1, " ", "a") for n in (2, 1)]
    write_reference(tmp_path / "reference.stm", segments)
    expected = "c/t/1 1 unknown 1.000 2.000 <o> a\nc/t/2 1 unknown 2.000 3.000 <o> a\n"
    assert (tmp_path / "reference.stm").read_text() == expected


@given(
    st.builds(
        StmLine,
        talk=names,
        channel=st.just("1"),
        speaker=names,
        start_s=st.integers(0, 10**8).map(lambda n: n / 10**6),
        end_s=st.floats(101, 1e4),
        tag=st.sampled_from(["<NA>", "<o,f0,male>", "<>"]),
        text=st.lists(fields, min_size=1).map(" ".join),
    )
)
def test_a_line_is_parsed_as_printed(line):
    assert parse_stm_line(str(line), "f:1") == line


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<unk> it's 3 / 4 me@home a-", "<unk> it's 3 / 4 me@home a-"),
        ("{ a / b } {NOISE}", "%7B a / b %7D %7BNOISE%7D"),
        ("@ (2) read(2)", "%40 %282%29 read%282%29"),
        ("<ALT_BEGIN> <alto>", "%3CALT_BEGIN> %3Calto>"),
        ("ignore_time_segment_in_scoring", "%69gnore_time_segment_in_scoring"),
    ],
)
def test_marks_of_sclite_are_words_like_others(text, written):
    assert sclite_words(text) == written == " ".join(map(sclite_words, text.split()))


def test_a_first_word_in_angle_brackets_is_not_the_label():
    segment = Segment("c/t/1", "t.sph", 0.0, 1.0, "s", "<unk> a")
    assert reference_line(segment).split()[5:] == ["<o>", "<unk>", "a"]


NUMBERS = [
    "1_0.5",
    "\u0661.5",
    "\uff11",
    "inf",
    "nan",
    "+1",
    "-1",
    "0x1",
    "1e1",
    "1e300",
    "1,5",
    "1.5s",
    "9" * 300,
    "1.2.3",
    ".",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["start", "end"])
def test_times_are_plain_decimals(number, name):
    start, end = (number, "3") if name == "start" else ("0", number)
    with pytest.raises(InputError, match=f"f:7: the {name} is '.*in seconds from 0") as refused:
        parse_stm_line(f"A 1 A {start} {end} <NA> word", "f:7")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(("start", "end"), [("0", ".5"), ("1.", "02"), ("0.000001", "12.3456789")])
def test_plain_decimals_are_times(start, end):
    line = parse_stm_line(f"A 1 A {start} {end} <NA> word", "f:7")
    assert (line.start_s, line.end_s) == (float(start), float(end))


@pytest.mark.parametrize("name", ["../../evil", "a/x", "..", ".hidden", "-rf", "x" * 240, "a\\b", "a\u200bb"])
@pytest.mark.parametrize("field", ["talk", "speaker"])
def test_names_that_cannot_be_files_are_refused(name, field):
    talk, speaker = (name, "A") if field == "talk" else ("A", name)
    with pytest.raises(InputError, match=f"f:7: the {field} is named '.*give a name without '/'"):
        parse_stm_line(f"{talk} 1 {speaker} 0 1 <NA> word", "f:7")
