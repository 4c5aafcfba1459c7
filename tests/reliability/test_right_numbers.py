"""The numbers of a whole graph: every utterance is searched and scored, and NIST's sclite counts the same errors."""

import json
import re
import shutil

import pytest

from recipe.formats.hypotheses import read_hypotheses
from recipe.formats.score import read_score
from recipe.formats.segments import read_segments
from recipe.formats.utterances import read_utterances
from tests.recipe.scoring.test_sclite import SCLITE, sclite_counts


@pytest.fixture(scope="module")
def scorings(tiny_graph):
    """Per scoring: its output folder, the segments and the hypotheses that it was made from."""
    found = []
    for output in sorted(tiny_graph.glob("work/scoring/jobs/ScoreJob.*/output")):
        info = (output.parent / "info").read_text("utf-8")
        inputs = re.search(r"^INPUT: (.*segments.xml.gz)\nINPUT: (.*hypotheses.json)$", info, re.MULTILINE)
        found.append((output, *inputs.groups()))
    assert len(found) >= 10
    return found


def test_no_utterance_is_lost_between_corpus_and_score(scorings):
    utterances = 0
    for output, segments, hypotheses in scorings:
        names = [segment.name for segment in read_segments(segments)]
        scored = read_utterances(str(output / "utterances.tsv"))
        assert sorted(read_hypotheses(hypotheses)) == sorted(names) == sorted(one.name for one in scored)
        assert read_score(str(output / "score.json"))["utterances"] == len(names)
        utterances += len(names)
    print(f"\n{utterances} utterances of {len(scorings)} scorings, none lost")


def test_searches_tell_what_they_could_not_do(tiny_graph):
    reports = list(tiny_graph.glob("work/decoding/jobs/*.*/output/report.json"))
    assert reports
    for path in reports:
        report = json.loads(path.read_text("utf-8"))
        hypotheses = read_hypotheses(str(path.with_name("hypotheses.json")))
        assert report["empty_hypotheses"] == sorted(name for name, one in hypotheses.items() if not one.words)
        assert set(report["undecodable_words"]) <= {word for word, _ in report["dropped_homophones"]}


@pytest.mark.skipif(SCLITE is None, reason="sclite is not installed (Debian's sctk)")
def test_sclite_counts_the_same_errors_in_every_real_hypothesis(scorings, tmp_path):
    segments = 0
    for number, (output, _, _) in enumerate(scorings):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in ("reference.stm", "hypotheses.ctm"):
            shutil.copyfile(output / name, folder / name)
        ours = read_utterances(str(output / "utterances.tsv"))
        counts = sorted((one.words, one.substitutions, one.deletions, one.insertions) for one in ours)
        assert sclite_counts(folder) == counts
        segments += len(counts)
    print(f"\nsclite agrees on {segments} segments of {len(scorings)} scorings")
