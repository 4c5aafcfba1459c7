"""The jobs from text to score, their methods called as an engine would."""

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sisyphus import tk

from recipe.decoding.config import SearchConfig, SearchFiles
from recipe.decoding.jobs import SearchJob, TuneScalesJob
from recipe.errors import InputError
from recipe.formats.hdf import HdfWriter
from recipe.formats.hypotheses import read_hypotheses
from recipe.formats.segments import Segment, write_segments
from recipe.lm.config import NgramConfig
from recipe.lm.jobs import KenLmBinaryJob, LmTextJob, NgramJob, PerplexityJob
from recipe.scoring.jobs import BestOnDevJob, CheckWerJob, ScoreJob

WORDS = {"cat": "K AE T#", "dog": "D AO G#", "a": "AH#", "dad": "D AE D#"}
LABELS = ["K", "AE", "D", "AO", "T#", "G#", "AH#", "D#", "<blank>"]


@pytest.fixture
def done(tmp_path, monkeypatch):
    """Factory: give a job's outputs places of their own, call its task methods in an empty folder, return the job."""

    def run(job, *calls):
        folder = tmp_path / f"{type(job).__name__}.{id(job)}"
        (folder / "output").mkdir(parents=True)
        for name, output in [(name, value) for name, value in vars(job).items() if name.startswith("out_")]:
            setattr(job, name, type(output)(str(folder / "output" / Path(output.get_path()).name)))
        monkeypatch.chdir(folder)
        for method, *arguments in calls or [["run"]]:
            getattr(job, method)(*arguments)
        return job

    return run


@pytest.fixture
def files(tmp_path):
    """Paths of labels, lexicon, prior, segments, transcripts and emissions; the emissions of the third are unclear."""
    draw, rng = random.Random(1), np.random.default_rng(1)
    said = [" ".join(draw.choices(list(WORDS), k=draw.randint(1, 6))) for _ in range(12)]
    written = {
        "labels.txt": "\n".join(LABELS) + "\n",
        "lexicon.txt": "".join(f"{word} {spelling}\n" for word, spelling in WORDS.items()),
        "prior.txt": "\n".join(["-2.5"] * 8 + ["-0.7"]) + "\n",
        "transcripts.txt": "\n".join(said * 5) + "\n",
    }
    for name, content in written.items():
        (tmp_path / name).write_text(content)
    segments = [Segment(f"toy/t/{n + 1}", "t.sph", 9.0 * n, 9.0 * n + 8, "s", words) for n, words in enumerate(said)]
    write_segments(tmp_path / "segments.xml.gz", segments, "toy")
    with HdfWriter(tmp_path / "emissions.hdf", len(LABELS)) as file:
        for segment in segments:
            labels = [
                place
                for word in segment.words.split()
                for label in WORDS[word].split()
                for place in (8, LABELS.index(label))
            ]
            logits = rng.normal(size=(len(labels), 9)) * 1.5
            logits[np.arange(len(labels)), labels] += 4
            file.append(segment.name, logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))
    return {path.name.split(".")[0]: tk.Path(str(path)) for path in tmp_path.iterdir() if path.is_file()}


def test_from_text_and_emissions_to_a_score(files, done):
    text = done(LmTextJob([], [files["transcripts"]])).out_text
    arpa = done(NgramJob(text, NgramConfig(order=3, discount_fallback=True), files["lexicon"])).out_arpa
    lm = done(KenLmBinaryJob(arpa)).out_binary
    measured = done(PerplexityJob(lm, files["transcripts"])).out_perplexity.get()
    assert measured["sentences"] == 60 and measured["oovs"] == 0 and 1 < measured["perplexity"] < 6

    inputs = {name: files[name] for name in ("prior", "lexicon", "labels")}
    search = (SearchFiles(emissions=[files["emissions"]], lm=lm, **inputs), files["segments"], SearchConfig(beam=64))
    tuned = done(TuneScalesJob(*search, [0.5, 6.0], [0.0, 0.4]), ["tune", 1], ["tune", 2], ["choose"])
    rows = [row.split(",") for row in Path(tuned.out_grid.get_path()).read_text().splitlines()[1:]]
    fewest = min(rows, key=lambda row: (int(row[2]), float(row[0]), float(row[1])))
    assert len(rows) == 4 and len({row[2] for row in rows}) > 1
    assert (tuned.out_lm_scale.get(), tuned.out_prior_scale.get()) == (float(fewest[0]), float(fewest[1]))

    walk = TuneScalesJob(*search, [0.5, 6.0], [0.0, 0.4], walk_from=(tuned.out_lm_scale, tuned.out_prior_scale))
    walked = done(walk, ["tune", 1], ["choose"])
    assert (walked.out_lm_scale.get(), walked.out_prior_scale.get()) == (float(fewest[0]), float(fewest[1]))
    assert len(Path(walked.out_grid.get_path()).read_text().splitlines()) == 1 + 3  # the best and two neighbours

    turned = done(TuneScalesJob(*search, [6.0, 0.5], [0.0, 0.4]), ["tune", 1], ["tune", 2], ["choose"])  # other tasks
    found = done(SearchJob(*search, tuned.out_lm_scale, tuned.out_prior_scale))
    for name in ("out_hypotheses", "out_report"):  # of the grid, of the walk, of a search at what they found
        assert len({Path(getattr(job, name).get_path()).read_bytes() for job in (tuned, turned, walked, found)}) == 1
    assert len(read_hypotheses(found.out_hypotheses.get_path())) == 12
    assert json.loads(Path(found.out_report.get_path()).read_text())["words_unknown_to_lm"] == []

    scored = done(ScoreJob(found.out_hypotheses, files["segments"]))
    score = json.loads(Path(scored.out_score.get_path()).read_text())
    errors = score["insertions"] + score["deletions"] + score["substitutions"]
    assert (score["utterances"], score["words"], errors) == (12, int(fewest[3]), int(fewest[2]))
    assert scored.out_wer.get() == score["wer_percent"] == 100 * errors / score["words"]
    assert len(Path(scored.out_utterances.get_path()).read_text().splitlines()) == 13
    assert Path(scored.out_alignment.get_path()).read_text().count("REF:") == 12
    assert len(Path(scored.out_reference_stm.get_path()).read_text().splitlines()) == 12


def test_resources_do_not_enter_a_jobs_identity(files):
    job = NgramJob(files["transcripts"], NgramConfig())
    job.rqmt = {"cpu": 1, "mem": 100, "time": 1}
    assert NgramJob(files["transcripts"], NgramConfig()) is job


def test_building_a_graph_loads_nothing_heavy():
    heavy = ["torch", "numpy", "h5py", "kenlm", "flashlight", "kaldialign"]
    code = (
        "import sys, recipe.lm.jobs, recipe.decoding.jobs, recipe.scoring.jobs;"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_the_checkpoint_with_the_fewest_errors_on_dev_is_reported_on_test(tmp_path, done):
    def written(name: str, content: str) -> tk.Path:
        (tmp_path / name).write_text(content)
        return tk.Path(str(tmp_path / name))

    names = ["last", "best", "average-4"]
    none = {"words": 100, "insertions": 0, "deletions": 0, "interval95_percent": [0, 20]}
    dev = [json.dumps(none | {"substitutions": errors, "wer_percent": errors}) for errors in (8, 7, 7)]
    job = BestOnDevJob(
        names=names,
        dev_scores=[written(f"{name}.dev", score) for name, score in zip(names, dev, strict=True)],
        scores=[written(f"{n}.test", n) for n in names],
        utterances=[written(f"{n}.tsv", n) for n in names],
        lm_scales=[2.0, 2.2, 2.4],
        prior_scales=[0.1, 0.3, 0.5],
    )
    job = done(job)
    assert (job.out_name.get(), job.out_lm_scale.get(), job.out_prior_scale.get()) == ("best", 2.2, 0.3)
    assert Path(job.out_score.get_path()).read_text() == Path(job.out_utterances.get_path()).read_text() == "best"


def test_a_check_passes_on_what_it_found_or_stops_the_graph(done, tmp_path):
    score = tmp_path / "score.json"
    counts = {"insertions": 0, "deletions": 1, "substitutions": 2, "utterances": 2, "words": 10}
    score.write_text(json.dumps(counts | {"wer_percent": 30.0, "interval95_percent": [20.0, 40.0]}))
    passed = done(CheckWerJob(tk.Path(str(score)), 40.0, "toy/qat-3"))
    assert Path(passed.out_passed.get_path()).read_text() == (
        "toy/qat-3 has a word error rate of 30.0 % on dev; the limit is 40 %\n"
    )
    with pytest.raises(InputError, match="no device is made of it"):
        done(CheckWerJob(tk.Path(str(score)), 29.9, "toy/qat-3"))
