from recipe.formats.ctm import ctm_lines, write_ctm
from recipe.formats.hypotheses import Hypothesis
from recipe.formats.segments import Segment

SEGMENT = Segment("c/t/1", "t.sph", 10.0, 12.0, "some body", "a b")


def test_ctm_times_are_those_of_the_talk_and_stay_in_the_segment():
    hypothesis = Hypothesis("a b", -1.0, ((0.5, 0.75), (1.9, 2.04)))
    assert ctm_lines(SEGMENT, hypothesis) == ["c/t/1 1 10.500 0.250 a", "c/t/1 1 11.900 0.100 b"]


def test_a_segment_without_words_has_a_null_word():
    assert ctm_lines(SEGMENT, Hypothesis("", -1.0, ())) == ["c/t/1 1 10.000 0.000 @"]


def test_segments_are_sorted_by_name(tmp_path):
    segments = [Segment(f"c/t/{n}", "t.sph", n, n + 1, "s", "a") for n in (2, 1)]
    write_ctm(tmp_path / "hypotheses.ctm", segments, {segment.name: Hypothesis("", 0.0, ()) for segment in segments})
    assert (tmp_path / "hypotheses.ctm").read_text() == "c/t/1 1 1.000 0.000 @\nc/t/2 1 2.000 0.000 @\n"
