"""The numbers of a whole graph: every utterance is searched and scored, and NIST's sclite counts the same errors."""

import functools
import json
import re
import shutil
from collections import Counter

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
    scores = (tiny_graph / "output" / "tiny" / "scores").rglob("*.json")  # in work/, other tests may run other graphs
    for output in sorted({path.resolve().parent for path in scores}):
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


def least_cost(spoken: list[str], heard: list[str]) -> int:
    """Of turning one into the other, by recursion over what is left: gaps cost 3, substitutions 4."""

    @functools.cache
    def cost(i: int, j: int) -> int:
        if i == len(spoken) or j == len(heard):
            return 3 * (len(spoken) - i + len(heard) - j)
        pair = 0 if spoken[i] == heard[j] else 4
        return min(cost(i + 1, j + 1) + pair, cost(i + 1, j) + 3, cost(i, j + 1) + 3)

    return cost(0, 0)


def test_errors_of_every_utterance_are_those_of_a_cheapest_alignment_and_add_up_to_the_score(scorings):
    kinds = ("insertions", "deletions", "substitutions")
    totals = Counter()
    for output, segments, hypotheses in scorings:
        spoken = {segment.name: segment.words.split() for segment in read_segments(segments)}
        heard = {name: one.words.split() for name, one in read_hypotheses(hypotheses).items()}
        scored = read_utterances(str(output / "utterances.tsv"))
        for one in scored:
            said, found = spoken[one.name], heard[one.name]
            assert one.words == len(said) and one.insertions - one.deletions == len(found) - len(said)
            assert 3 * (one.insertions + one.deletions) + 4 * one.substitutions == least_cost(said, found)
        score = read_score(str(output / "score.json"))
        counts = {kind: sum(getattr(one, kind) for one in scored) for kind in kinds}
        assert counts == {kind: score[kind] for kind in kinds}
        errors, words = sum(counts.values()), sum(map(len, spoken.values()))
        assert score["wer_percent"] == pytest.approx(100 * errors / words)
        totals.update(counts)
    assert min(totals[kind] for kind in kinds) > 0, "no real errors of one kind: this test looks at too little"


def test_hypotheses_are_words_of_the_task_and_hardly_any_is_empty(scorings):
    """A model that learned nothing, or a search that finds nothing, does not pass."""
    found = [one.words for _, _, hypotheses in scorings for one in read_hypotheses(hypotheses).values()]
    spoken = {word for _, segments, _ in scorings for one in read_segments(segments) for word in one.words.split()}
    assert sum(not words for words in found) < len(found) / 20
    heard = Counter(word for words in found for word in words.split())
    assert sum(heard[word] for word in spoken) > 0.9 * heard.total()
    assert len(heard.keys() & spoken) > 0.9 * len(spoken)


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
