"""The job: what it writes, and when it stops."""

import json
from pathlib import Path

import pytest
from sisyphus import tk

from recipe.corpus.config import StmRules
from recipe.corpus.layout import PARTS
from recipe.corpus.segmentation import segment_part
from recipe.corpus.text_rule import UNCHANGED
from recipe.corpus_report.jobs import CorpusReportJob
from recipe.corpus_report.limits import CorpusLimits, Limit
from recipe.errors import InputError
from recipe.features.config import LogMelConfig
from recipe.formats.labels import write_labels
from recipe.formats.lexicon import write_lexicon
from recipe.lexicon.dictionary import read_dictionary, write_pronunciations
from recipe.lexicon.labels import PhonemeLabels
from recipe.report.corpus_tables import corpus_tables
from recipe.report.show import corpus_warnings
from tests.recipe.corpus_report.harness import edit, stms


def report_job(root: Path, out: Path, limits: CorpusLimits | None = None) -> CorpusReportJob:
    """The job on files made without an engine; its outputs lie in `out`."""
    out.mkdir()
    for part in PARTS:
        files = [str(out / f"{part}.{name}") for name in ("xml.gz", "txt", "stm", "json")]
        segment_part(root, part, None, StmRules(), *files)
    words = read_dictionary(root / "words.dic")
    write_pronunciations(out / "words.txt", words)
    spell = PhonemeLabels().spell
    write_lexicon(out / "lexicon.txt", [(word, spell(phones)) for word, many in words.items() for phones in many])
    write_labels(out / "labels.txt", PhonemeLabels().inventory)
    path = lambda name: tk.Path(str(out / name))
    job = CorpusReportJob(
        root=tk.Path(str(root)),
        segments={part: path(f"{part}.xml.gz") for part in ("test", "dev", "train")},
        statistics={part: path(f"{part}.json") for part in PARTS},
        transcripts={part: tk.Path(str(root / part / "stm")) for part in PARTS},
        lm_texts=[tk.Path(str(root / "LM"))],
        text_rule=UNCHANGED,
        given_dictionary=tk.Path(str(root)),
        dictionary=path("words.txt"),
        search_lexicon=path("lexicon.txt"),
        training_lexicon=path("lexicon.txt"),
        vocabulary=path("words.txt"),
        labels=path("labels.txt"),
        features=LogMelConfig(),
        time_reduction=4,
        fastest=1.1,
        limits=limits or CorpusLimits(),
        setup_name="mine",
        train="train",
    )
    job.out_report, job.out_page = path("corpus_report.json"), path("corpus_report.txt")
    return job


def test_warnings_are_on_the_page_in_the_tables_and_in_a_line(corpus, tmp_path):
    edit(stms(corpus, "train")[0], "<NA> ", "<NA> {NOISE} ", 1)
    out = tmp_path / "mine"
    report_job(corpus, out).run()
    page = (out / "corpus_report.txt").read_text()
    assert page.startswith("Corpus report of mine\n") and "0 limit(s) stop the graph, 1 warn" in page
    assert "* train: 1 of 181 (0.55 %) tokens are no words but markers: {NOISE}; take them out" in page
    assert max(map(len, page.splitlines())) <= 180
    report = json.loads((out / "corpus_report.json").read_text())
    assert list(report["parts"]) == ["train", "test", "dev"]
    warnings, parts, texts, counted = corpus_tables(report)
    assert [row[0] for row in warnings.rows] == ["train"] and warnings.rows[0][-1] == "markers"
    assert [row[:2] for row in parts.rows] == [["train", "20"], ["test", "10"], ["dev", "10"]]
    assert texts.rows[0][1:] == ["300", "300", "2,700", "0.0"]
    assert ["0 %", "1 %"] in [row[-2:] for row in counted.rows]
    [line] = corpus_warnings(tmp_path)
    assert line.startswith("Corpus report of mine: 1 warning: train markers 0.55 %")


def test_a_limit_stops_in_a_sentence_after_the_page_is_written_and_leaves_no_result(corpus, tmp_path):
    for path in stms(corpus, "dev"):
        edit(path, "<NA> ", "<NA> <unk> ")
    out = tmp_path / "made"
    with pytest.raises(
        InputError, match=r"^dev: 10 of 100 \(10 %\) tokens are .*Limit\(stop=11\).*corpus_report.txt\)$"
    ):
        report_job(corpus, out).run()
    assert "Stops" in (out / "corpus_report.txt").read_text()
    assert not (out / "corpus_report.json").exists()
    allowed = CorpusLimits(markers=Limit(stop=11), unknown_words=Limit(stop=11), foreign_letters=Limit(stop=11))
    report_job(corpus, tmp_path / "again", allowed).run()
    assert (tmp_path / "again" / "corpus_report.json").exists()
