from hypothesis import given
from hypothesis import strategies as st

from recipe.formats.segments import Segment
from recipe.formats.stm import StmLine, parse_stm_line, reference_line, write_reference

SEGMENT = Segment("c/t/1", "t.sph", 10.0, 12.0, "some body", "a b")
fields = st.text(alphabet="aB9_.-&'é", min_size=1, max_size=6)
names = fields.filter(lambda name: name[0] not in ".-" and ".." not in name)


def test_a_reference_line_has_six_columns():
    assert reference_line(SEGMENT) == "c/t/1 1 some_body 10.000 12.000 a b"


def test_references_are_sorted_by_name(tmp_path):
    segments = [Segment(f"c/t/{n}", "t.sph", n, n + 1, " ", "a") for n in (2, 1)]
    write_reference(tmp_path / "reference.stm", segments)
    expected = "c/t/1 1 unknown 1.000 2.000 a\nc/t/2 1 unknown 2.000 3.000 a\n"
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
