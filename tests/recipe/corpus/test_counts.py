from dataclasses import replace

import pytest
from sisyphus.hash import short_hash

from recipe.corpus.config import CorpusCounts, PartCounts, StmRules
from recipe.corpus.counts import check_counts
from recipe.corpus.jobs import CheckCountsJob
from recipe.corpus.layout import PARTS
from recipe.corpus.segmentation import segment_part
from recipe.corpus.tedlium import PUBLISHED_COUNTS, TedliumDirectory
from recipe.errors import InputError


def counts(*numbers, **others):
    """Of (segments, recordings) of train, dev and test."""
    parts = (PartCounts(part=part, segments=s, recordings=r) for part, (s, r) in zip(PARTS, numbers, strict=True))
    return CorpusCounts(parts=tuple(parts), **others)


FITTING = counts((4, 2), (4, 2), (4, 2))


def check(root, expected=FITTING, part="train"):
    outputs = [root / f"{part}.{name}" for name in ("segments.xml.gz", "text.txt", "reference.stm", "statistics.json")]
    segment_part(root, part, None, StmRules(), *map(str, outputs))
    check_counts(root, part, str(outputs[0]), expected, root / "talks.tsv", root / "checked.xml.gz")
    return outputs[0]


def stm(root, talk="Zoe.2_2012", part="train"):
    return root / part / "stm" / f"{talk}.stm"


def test_fitting_counts_pass_the_segments_on(corpus):
    segments = check(corpus)
    assert (corpus / "checked.xml.gz").read_bytes() == segments.read_bytes()
    assert (corpus / "talks.tsv").read_text() == "Anna_2009\t2\nZoe.2_2012\t2\n"


def test_talk_without_a_segment_is_named(corpus):
    stm(corpus).write_text(";; nothing\n")
    with pytest.raises(InputError, match="train: 2 segments of 2 recordings where 4 .*look at Zoe.2_2012 .no segment"):
        check(corpus)
    assert not (corpus / "checked.xml.gz").exists()


def test_transcript_cut_inside_a_line_is_named(corpus):
    text = stm(corpus).read_text()
    stm(corpus).write_text(text[: text.index("ignore_time")] + "ignore_time_segment_in_scoring")
    with pytest.raises(InputError, match="Zoe.2_2012.stm:2: the file breaks off in this line"):
        check(corpus)


def test_transcript_that_ends_long_before_the_talk_is_named(corpus, recording):
    for talk, seconds in (("Anna_2009", 300.0), ("Zoe.2_2012", 500.0)):
        recording(corpus / "train" / "sph" / f"{talk}.sph", seconds=seconds)
    with pytest.raises(InputError, match=r"Zoe.2_2012 \(no segment in its last 495 s\), Anna_2009"):
        check(corpus, counts((5, 2), (4, 2), (4, 2)))


def test_missing_recording_and_transcript_are_noticed(corpus):
    for kind in ("sph", "stm"):
        (corpus / "dev" / kind / f"Zoe.2_2012.{kind}").unlink()
    with pytest.raises(InputError, match="2 segments of 1 recordings where 4 segments of 2 .*every talk looks whole"):
        check(corpus, part="dev")


def test_table_of_a_whole_copy_names_every_difference(corpus):
    (corpus / "whole" / "dev").mkdir(parents=True)
    (corpus / "whole" / "dev" / "talks.tsv").write_text("Anna_2009\t2\nBea\t3\nZoe.2_2012\t4\n")
    expected = counts((4, 2), (9, 3), (4, 2), talks=str(corpus / "whole"))
    told = r"look at Bea \(0 segments, expected 3\), Zoe.2_2012 \(2 segments, expected 4\);"
    with pytest.raises(InputError, match=told):
        check(corpus, expected, "dev")


def test_published_counts():
    assert [PUBLISHED_COUNTS.of(part).segments for part in PARTS] == [92_973, 507, 1_155]
    assert sum(counts.recordings for counts in PUBLISHED_COUNTS.parts) == 1_514


def test_a_part_that_is_not_counted_or_counted_twice():
    with pytest.raises(InputError, match="CorpusCounts.parts has no entry for the part 'dev-other'; add one"):
        FITTING.of("dev-other")
    with pytest.raises(InputError, match="give each part once"):
        CorpusCounts(parts=(*FITTING.parts, FITTING.of("dev")))


def test_job_hash_knows_the_counts_alone(corpus):
    root = TedliumDirectory(root=str(corpus)).directory()
    ids = {
        CheckCountsJob(root, root, "train", expected).job_id()
        for expected in (FITTING, replace(FITTING, talks="there"))
    }
    assert len(ids) == 1
    assert CheckCountsJob(root, root, "train", PUBLISHED_COUNTS).job_id() not in ids


def test_counts_of_other_parts_are_other_counts():
    other = replace(FITTING, parts=(*FITTING.parts[:2], replace(FITTING.parts[2], part="test-other")))
    assert short_hash(other) != short_hash(FITTING)


def test_a_number_of_segments_that_is_not_published_is_not_checked(corpus):
    check(corpus, counts((None, 2), (4, 2), (4, 2)))
    with pytest.raises(InputError, match="4 segments of 2 recordings where 4 segments of 3 recordings are expected"):
        check(corpus, counts((None, 3), (4, 2), (4, 2)))
