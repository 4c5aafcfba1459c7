import json
from dataclasses import replace

import pytest
from sisyphus.hash import short_hash

from recipe.corpus.config import PUBLISHED_RULES, StmRules
from recipe.corpus.segmentation import segment_part
from recipe.errors import InputError
from recipe.formats.segments import read_segments

HALF = StmRules(max_unreadable_percent=50.0)


def run(corpus, part, rules):
    """Recordings with segments, and the statistics."""
    segments, *others, statistics = (corpus / name for name in ("segments.xml.gz", "text.txt", "a.stm", "counts.json"))
    segment_part(corpus, part, None, rules, segments, *others, statistics)
    assert len(list(read_segments(segments))) == len((corpus / "text.txt").read_text().splitlines())
    return {segment.talk for segment in read_segments(segments)}, json.loads(statistics.read_text())


def damage(corpus, part, talk="Anna_2009"):
    path = corpus / part / "sph" / f"{talk}.sph"
    path.write_bytes(path.read_bytes()[:-1000])


def test_an_unreadable_recording_is_left_out_and_counted(corpus, capsys):
    damage(corpus, "train")
    talks, counts = run(corpus, "train", HALF)
    assert talks == {"Zoe.2_2012"}
    assert (counts["recordings"], counts["segments"]) == (1, 2)
    assert counts["unreadable_recordings"] == ["train/sph/Anna_2009.sph"]
    assert "left out: " in (printed := capsys.readouterr().out) and "Anna_2009.sph is truncated" in printed


def test_more_than_the_rules_allow_are_refused_with_their_names(corpus):
    for talk in ("Anna_2009", "Zoe.2_2012"):
        damage(corpus, "train", talk)
    with pytest.raises(InputError, match="more than 1 of 2 .*Anna_2009.sph, .*Zoe.2_2012.sph; fetch them again"):
        run(corpus, "train", HALF)


@pytest.mark.parametrize(("part", "rules"), [("dev", HALF), ("test", HALF), ("train", PUBLISHED_RULES)])
def test_evaluation_parts_and_small_corpora_must_be_whole(corpus, part, rules):
    damage(corpus, part)
    with pytest.raises(InputError, match="Anna_2009.sph is truncated: .* 160000 samples, 159500 are there"):
        run(corpus, part, rules)


def test_whole_parts_say_nothing_of_it(corpus):
    assert "unreadable_recordings" not in run(corpus, "train", HALF)[1]


def test_the_published_rules_keep_their_hash():
    """Of before there was such a rule."""
    assert set(PUBLISHED_RULES.__sis_state__()) == {
        "drop_ignored", "rename_gender_tags", "split_apostrophes", "mend_typos"
    }  # fmt: skip
    assert short_hash(replace(PUBLISHED_RULES, max_unreadable_percent=2.0)) != short_hash(PUBLISHED_RULES)


def test_a_share_that_leaves_nothing_is_refused():
    with pytest.raises(InputError, match="max_unreadable_percent is 100"):
        StmRules(max_unreadable_percent=100)
