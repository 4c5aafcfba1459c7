import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.corpus.config import PUBLISHED_RULES, SegmentPadding
from recipe.corpus.segmentation import pad, read_part, segment_part
from recipe.errors import InputError
from recipe.formats.segments import read_segments
from recipe.formats.stm import StmLine

PADDING = SegmentPadding()


def lines_at(*times):
    return [StmLine("talk", "1", "s", start, end, "<NA>", "w") for start, end in times]


def times_of(lines):
    return [(line.start_s, line.end_s) for line in lines]


def test_padding_by_hand():
    padded = pad(lines_at((0.05, 1.00), (1.05, 2.00), (2.20, 3.00), (5.00, 6.00)), PADDING)
    # from zero; no room, the next start takes it all; half of the gap each way; free on both sides
    assert times_of(padded) == [(0.0, 1.0), (1.0, 2.05), (2.05, 3.1), (4.85, 6.1)]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 500)), min_size=1, max_size=8))
def test_padding_grows_and_never_overlaps(gaps_and_lengths):
    times, now = [], 0
    for gap, length in gaps_and_lengths:
        times.append(((now + gap) / 100, (now + gap + length) / 100))
        now += gap + length
    padded = times_of(pad(lines_at(*times), PADDING))
    for (start, end), (old_start, old_end) in zip(padded, times, strict=True):
        assert old_start - 0.15 - 1e-9 <= start <= old_start and old_end <= end <= old_end + 0.10 + 1e-9
    assert all(following[0] >= current[1] for current, following in pairwise(padded))


def run(root, part="train", padding=None, rules=PUBLISHED_RULES):
    outputs = [root / name for name in ("segments.xml.gz", "text.txt", "reference.stm", "statistics.json")]
    segment_part(root, part, padding, rules, *outputs)
    return outputs


def test_outputs_of_a_part(corpus):
    segments, text, stm, statistics = run(corpus)
    assert [
        (segment.name, segment.recording, segment.start_s, segment.end_s, segment.speaker, segment.words)
        for segment in read_segments(segments)
    ] == [
        ("train/Anna_2009/1", "train/sph/Anna_2009.sph", 0.5, 2.0, "Anna_2009", "we don 't know"),
        ("train/Anna_2009/2", "train/sph/Anna_2009.sph", 3.0, 5.25, "Guest", "i miss it"),
        ("train/Zoe.2_2012/1", "train/sph/Zoe.2_2012.sph", 0.5, 2.0, "Zoe.2_2012", "we don 't know"),
        ("train/Zoe.2_2012/2", "train/sph/Zoe.2_2012.sph", 3.0, 5.25, "Guest", "i miss it"),
    ]
    assert text.read_text() == "we don 't know\ni miss it\n" * 2
    assert "Anna_2009 1 Anna_2009 0.5 2.0 <o,f0,female> we don 't know" in stm.read_text().splitlines()
    assert json.loads(statistics.read_text()) == {
        "segments": 4, "recordings": 2, "seconds": 7.5, "words": 14, "speakers": 3,
    }  # fmt: skip


def test_padding_is_applied(corpus):
    first = next(read_segments(run(corpus, padding=PADDING)[0]))
    assert (first.start_s, first.end_s) == (0.35, 2.1)


def test_end_is_cut_to_the_recording(corpus, recording):
    recording(corpus / "dev" / "sph" / "Anna_2009.sph", seconds=4.5)
    assert [segment.end_s for _, segment in read_part(corpus, "dev")][:2] == [2.0, 4.5]


def test_recording_too_short(corpus, recording):
    recording(corpus / "dev" / "sph" / "Anna_2009.sph", seconds=2.5)
    with pytest.raises(InputError, match="Anna_2009.stm.*starts at 3.00 s.*ends at 2.50 s"):
        list(read_part(corpus, "dev"))


def test_segment_within_its_neighbour(corpus):
    stm = corpus / "train" / "stm" / "Anna_2009.stm"
    stm.write_text("Anna_2009 1 A 1.0 9.0 <NA> all of it\nAnna_2009 1 A 2.0 3.0 <NA> part\n")
    with pytest.raises(InputError, match="Anna_2009.stm: the segment .* ends at about 3.10 s lies within"):
        run(corpus, padding=PADDING)


def test_missing_recording(corpus):
    (corpus / "train" / "sph" / "Zoe.2_2012.sph").unlink()
    with pytest.raises(InputError, match="Zoe.2_2012.sph is not there"):
        run(corpus)
    assert not (corpus / "segments.xml.gz").exists()


def test_recording_without_a_transcript(corpus):
    (corpus / "train" / "stm" / "Zoe.2_2012.stm").unlink()
    with pytest.raises(InputError, match="Zoe.2_2012.sph: no transcript names this talk"):
        run(corpus)
    assert not (corpus / "segments.xml.gz").exists()


def test_transcripts_of_several_talks_may_share_a_file(corpus):
    first, second = sorted((corpus / "train" / "stm").glob("*.stm"))
    first.rename(first.with_name("both.stm")).write_text(second.read_text() + first.with_name("both.stm").read_text())
    second.unlink()
    assert len(list(read_part(corpus, "train"))) == 4


def test_talk_in_two_files(corpus):
    (corpus / "train" / "stm" / "other.stm").write_text("Anna_2009 1 A 6.0 7.0 <NA> again\n")
    with pytest.raises(InputError, match="other.stm.*Anna_2009"):
        run(corpus)


def test_part_without_a_segment(corpus):
    for path in (corpus / "dev" / "stm").iterdir():
        path.write_text(";; nothing\n")
    with pytest.raises(InputError, match="no segment"):
        run(corpus, "dev")


def test_unknown_part(corpus):
    with pytest.raises(InputError, match="'devel'"):
        run(corpus, "devel")


def write_lines(corpus, part, *times):
    """One talk with a word per segment, ten seconds of recording."""
    lines = [f"Anna_2009 1 A {start} {end} <NA> {word}\n" for (start, end), word in zip(times, "abcdefg", strict=False)]
    (corpus / part / "stm" / "Anna_2009.stm").write_text("".join(lines))


def segments_of(corpus, part="train", padding=PADDING):
    return [segment for line, segment in read_part(corpus, part, padding) if line.talk == "Anna_2009"]


@pytest.mark.parametrize("times", [("9.995", "10.5"), ("9.95", "9.97"), ("9.9", "9.954"), ("9.95", "10.9")])
@pytest.mark.parametrize("part", ["dev", "test"])
def test_a_segment_too_short_for_the_front_end_is_refused_in_parts_for_evaluation(corpus, part, times):
    write_lines(corpus, part, ("1", "2"), times)
    with pytest.raises(
        InputError, match=r"Anna_2009.stm: the segment of Anna_2009 at 9.9\d* s lasts .* less than the 0.1 s"
    ):
        run(corpus, part)
    rules = replace(PUBLISHED_RULES, min_segment_s=0.0)
    assert len(list(read_part(corpus, part, rules=rules))) == 4


def test_a_segment_too_short_for_the_front_end_is_left_out_of_training_and_counted(corpus):
    write_lines(corpus, "train", ("1", "2"), ("2", "2.02"), ("2.02", "3"), ("9.995", "10.5"))
    statistics = json.loads(run(corpus, "train")[3].read_text())
    assert statistics["short_segments"] == 2
    assert [(one.name, one.words) for one in segments_of(corpus, padding=None)] == [
        ("train/Anna_2009/1", "a"),
        ("train/Anna_2009/2", "c"),
    ]


@pytest.mark.parametrize("part", ["train", "dev", "test"])
@pytest.mark.parametrize("end", ["1e300", "11.5", "999999999"])
def test_an_end_far_beyond_the_recording_is_refused(corpus, part, end):
    write_lines(corpus, part, ("1", "2"), ("3", end))
    with pytest.raises(InputError, match="Anna_2009.stm.*(in seconds from 0|but .*Anna_2009.sph at 10.00 s)"):
        run(corpus, part)


def test_lines_out_of_time_order_are_sorted(corpus):
    write_lines(corpus, "train", ("5", "6"), ("1", "2"), ("2.1", "3"))
    found = [(one.words, one.start_s, one.end_s) for one in segments_of(corpus)]
    assert found == [("b", 0.85, 2.0), ("c", 2.0, 3.1), ("a", 4.85, 6.1)]


def test_a_line_that_stands_twice_in_train_counts_once(corpus):
    stm = corpus / "train" / "stm" / "Anna_2009.stm"
    stm.write_text(stm.read_text() * 2)
    assert [one.words for one in segments_of(corpus)] == ["we don 't know", "i miss it"]
    assert json.loads(run(corpus, "train")[3].read_text())["repeated_segments"] == 2


def test_a_segment_of_which_the_one_before_leaves_nothing_is_refused(corpus):
    write_lines(corpus, "train", ("1", "2"), ("1.5", "1.95"))
    with pytest.raises(InputError, match="lies within the one before"):
        run(corpus, padding=PADDING)


def test_bare_carriage_returns_lose_no_talk(corpus):
    stm = corpus / "train" / "stm" / "Anna_2009.stm"
    stm.write_bytes(stm.read_bytes().replace(b"\n", b"\r") + b"\n")
    assert len(segments_of(corpus)) == 2


def test_a_byte_order_mark_hides_no_comment(corpus):
    stm = corpus / "train" / "stm" / "Anna_2009.stm"
    stm.write_text("\ufeff;; comment\n" + stm.read_text(), encoding="utf-8")
    assert len(segments_of(corpus)) == 2


def test_a_torn_line_with_the_mark_of_ignored_ones_is_refused(corpus):
    (corpus / "train" / "stm" / "Anna_2009.stm").write_text("Anna_2009 1 A ignore_time_segment_in_scoring\n")
    with pytest.raises(InputError, match="Anna_2009.stm:1: 4 fields"):
        run(corpus)


@pytest.mark.parametrize("name", ["../../../evil", "a/x", "x" * 240])
def test_a_talk_whose_name_leads_elsewhere_is_refused(corpus, name):
    (corpus / "train" / "stm" / "Anna_2009.stm").write_text(f"{name} 1 A 1 2 <NA> word\n")
    with pytest.raises(InputError, match="Anna_2009.stm:1: the talk is named"):
        run(corpus)
