"""The whole graph as a user starts it, on an easy task that it learns, in a directory with a space and an umlaut."""

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from recipe.decoding.tune import read_points
from recipe.formats.hdf import HdfReader
from recipe.formats.segments import read_segments
from tests import golden_scores
from tests.tiny_graph import SOURCES, manager, workplace


@pytest.fixture(scope="module")
def finished(tiny_graph) -> Path:
    return tiny_graph


def scores(base: Path) -> dict[str, dict]:
    folder = base / "output" / "tiny" / "scores"
    return {str(path.relative_to(folder)): json.loads(path.read_text()) for path in folder.rglob("*.json")}


def test_every_system_is_scored_on_all_utterances_of_dev_and_test(finished):
    found = scores(finished)
    systems = {name.rsplit("/", 1)[0] for name in found}
    devices = {f"memristor-3/physical/device-{seed}" for seed in (1, 2)}
    assert systems == {"float", "ptq-3", "qat-3"} | devices
    for part in ("dev", "test"):
        corpus = json.loads((finished / "output" / "tiny" / f"corpus.{part}.json").read_text())
        sizes = {(s["utterances"], s["words"]) for name, s in found.items() if f"/{part}." in name}
        assert sizes == {(corpus["segments"], corpus["words"])}


def test_every_system_recognises_and_coarser_ones_are_not_better(finished):
    """Bounds that a training on any machine should keep, with 3 points for chance in some 450 words a part."""
    percent = {name: 100 * errors / words for name, (errors, words) in golden_scores.errors_of(finished).items()}
    assert len(percent) == 16 and max(percent.values()) < 60
    for part in ("dev", "test"):
        tuned = {name.rpartition("/")[0]: value for name, value in percent.items() if name.endswith(f"{part}.tuned")}
        devices = [value for name, value in tuned.items() if name.startswith("memristor")]
        assert 0 < tuned["float"] < 30
        assert tuned["float"] < tuned["qat-3"] + 3 and tuned["float"] < tuned["ptq-3"] + 3
        assert len(devices) == 2 and tuned["qat-3"] < sum(devices) / 2 + 3


def test_word_errors_are_the_stored_ones_on_a_kind_of_machine_that_made_some(finished):
    found, here = golden_scores.errors_of(finished), golden_scores.machine_kind()
    blocks = golden_scores.stored()
    for _, errors in blocks:
        assert {name: words for name, (_, words) in found.items()} == {n: words for n, (_, words) in errors.items()}
    known = [errors for kind, errors in blocks if kind == here]
    if not known:
        pytest.skip(f"no scores are stored of this kind of machine: {here}")
    assert [found] == known


def test_the_tuned_scales_are_the_best_of_a_grid_that_differs_and_belong_to_dev(finished):
    """Every grid.csv: the chosen point has the fewest errors, and they are the errors of the score on dev."""
    scores = golden_scores.errors_of(finished)
    different = 0
    for system in {name.rpartition("/")[0] for name in scores}:
        output = finished / "alias" / "tiny" / "scales" / system / "output"
        points = read_points(str(output / "grid.csv"))
        chosen = [float((output / name).read_text()) for name in ("lm_scale", "prior_scale")]
        at_chosen = [point.errors for point in points if [point.lm_scale, point.prior_scale] == chosen]
        assert at_chosen == [min(point.errors for point in points)] == [scores[f"{system}/dev.tuned"][0]]
        different += len({point.errors for point in points}) > 1
    assert different >= 3


def test_the_tables_name_what_is_there_and_what_is_not(finished):
    table2, table3 = ((finished / "output" / "tables" / f"table{n}.md").read_text() for n in (2, 3))
    assert "tiny" in table2 and "Left out: " in table2 and "not in this graph" not in table2
    assert "physical" in table3 and "2 devices" in table3
    assert "1.0 x 0.5" in (finished / "output" / "tables" / "table1.md").read_text()
    assert (finished / "output" / "plots" / "wer.png").read_bytes().startswith(b"\x89PNG")


def test_models_of_one_graph_differ_as_their_systems_do(finished):
    """Emissions: devices differ from their digital model and from each other, and are all distributions."""
    alias = finished / "alias" / "tiny" / "emissions"
    names = ["float", "ptq-3", "qat-3", "memristor-3/physical/device-1", "memristor-3/physical/device-2"]
    found = [dict(HdfReader(alias / name / "output" / "emissions.hdf")) for name in names]
    for emissions in found:
        assert emissions.keys() == found[0].keys()
        for frames in emissions.values():
            assert frames.shape[1] == 79
            np.testing.assert_allclose(np.exp(frames.astype(np.float64)).sum(1), 1, atol=1e-4)
    some = next(iter(found[0]))
    for i, one in enumerate(found):
        for other in found[:i]:
            assert np.abs(one[some] - other[some]).max() > 1e-4


def test_a_second_start_runs_nothing(finished):
    before = {path: path.stat().st_mtime_ns for path in (finished / "work").rglob("finished*")}
    assert manager(finished).returncode == 0
    assert before == {path: path.stat().st_mtime_ns for path in (finished / "work").rglob("finished*")}


NEAR_PADDING_S = 0.12
"""In a batch, the last frames of a shorter segment see padding through the convolutions: up to three frames apart."""


def transcribe(base: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "recipe.transcribe", *arguments, "--config", "config/tiny.py"]
    return subprocess.run(command, cwd=base, capture_output=True, text=True)


def one_segment(base: Path) -> tuple[Path, str, dict]:
    """The first segment of dev as a stereo file with an awkward name, its words, and what QAT made of it."""
    search = base / "alias" / "tiny" / "search" / "qat-3" / "dev.tuned"
    hypotheses = json.loads((search / "output" / "hypotheses.json").read_text())
    [segments] = (search / "input").glob("*/output/segments.xml.gz")
    segment = next(read_segments(segments))
    [recording] = (base / "work").glob(f"corpus/jobs/GenerateMiniCorpusJob.*/output/*/{segment.recording}")
    samples, rate_hz = soundfile.read(recording, dtype="int16")
    samples = samples[round(segment.start_s * rate_hz) : round(segment.end_s * rate_hz)]
    path = base / "one recordïng.flac"
    soundfile.write(path, np.stack([samples, samples], axis=1), rate_hz)
    return path, segment.words, hypotheses[segment.name]


def test_one_recording_is_transcribed_as_the_graph_did_by_any_device_and_the_graph_stays_as_it_is(finished):
    path, spoken, expected = one_segment(finished)
    assert len(set(expected["words"].split()) & set(spoken.split())) > len(spoken.split()) / 2
    before = {path: path.lstat().st_mtime_ns for path in (finished / "work").rglob("*")}
    for device, programmed_now in (("1", False), ("0", True)):
        run = transcribe(finished, path.name, "--device", device, "--reference", spoken)
        assert run.returncode == 0, run.stderr
        lines = run.stdout.splitlines()
        heard = {name.strip(): text for name, text in (line.split(" : ") for line in lines if " : " in line)}
        assert heard["qat-3"].split("   [")[0] == expected["words"]
        assert f"memristor-3/physical/device-{device}" in heard
        assert ("programmed now" in run.stdout) == programmed_now
        rows = re.findall(r"^ *([\d.]+) - +([\d.]+)  (\S+)", run.stdout, re.MULTILINE)
        assert [word for _, _, word in rows] == expected["words"].split()
        times_s = [(float(start_s), float(end_s)) for start_s, end_s, _ in rows]
        np.testing.assert_allclose(times_s, expected["times_s"], atol=NEAR_PADDING_S)
        assert "2 channels, mixed down" in run.stdout and "real-time factor" in run.stdout
    assert before == {path: path.lstat().st_mtime_ns for path in (finished / "work").rglob("*")}


def test_many_recordings_are_heard_as_each_alone_and_written_for_programs_and_browsers(finished, tmp_path):
    path, spoken, expected = one_segment(finished)
    (tmp_path / "damaged.wav").write_bytes(b"RIFF")
    (tmp_path / "list.txt").write_text(f"{path}\t{spoken}\ndamaged.wav\n{path}\n", encoding="utf-8")
    run = transcribe(finished, str(tmp_path / "list.txt"), "--format", "json html", "--out", str(tmp_path / "out"))
    assert run.returncode == 1 and len(run.stderr.splitlines()) == 1 and "damaged.wav" in run.stderr
    heard = json.loads((tmp_path / "out" / "transcripts.json").read_text())
    first, second = heard["recordings"]
    assert first["transcripts"][0]["text"] == second["transcripts"][0]["text"] == expected["words"]
    assert first["reference"] == spoken and second["reference"] is None
    assert first["transcripts"][1]["words"] == second["transcripts"][1]["words"]
    page = (tmp_path / "out" / "transcripts.html").read_text()
    assert page.count("<section>") == 2 and expected["words"] in page


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["settings.py"], "settings.py cannot be read as audio"),
        (["settings.py", "--bits", "5"], "no 5-bit QAT model (bits it has: 3)"),
        (["settings.py", "--preset", "best"], "give one of physical, paper as PRESET"),
        (["settings.py", "--format", "pdf"], "FORMAT names 'pdf'; give one or more of text, json, html"),
        ([""], "AUDIO is not given"),
        (["settings.py", "--device", "x"], "DEVICE is 'x'"),
        (["settings.py", "--config", "config/mini.py"], "is not finished (bits finished: none); run `make tables"),
    ],
)
def test_what_cannot_be_transcribed_is_told_in_one_sentence(finished, arguments, sentence):
    command = [sys.executable, "-m", "recipe.transcribe", "--config", "config/tiny.py", *arguments]
    run = subprocess.run(command, cwd=finished, capture_output=True, text=True)
    assert run.returncode == 1 and run.stdout == ""
    assert sentence in run.stderr and len(run.stderr.splitlines()) == 1


SENTENCEPIECE = """
from dataclasses import replace
from recipe.graph.run import run
from recipe.lexicon.labels import SentencePieceLabels
from recipe.systems import Qat
from setups.tiny import tiny

def py():
    setup = tiny(labels=SentencePieceLabels(size=60))
    schedule = replace(setup.qat_training.schedule, up=1, down=1, decay=1)
    brief = replace(setup.qat_training, schedule=schedule, allow_unlearned=True)
    run(replace(setup, name="pieces", qat_training=brief), [Qat(3)])
"""


def test_sub_word_labels_go_all_the_way_to_a_score_on_the_same_corpus_and_features(finished, tmp_path):
    base = tmp_path / "pieces"
    base.mkdir()
    for name in (*SOURCES, "work"):
        if name != "config":
            (base / name).symlink_to(finished / name)
    (base / "config").mkdir()
    (base / "config" / "pieces.py").write_text(SENTENCEPIECE)
    run = manager(base, "config/pieces.py")
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    score = json.loads((base / "output" / "pieces" / "scores" / "qat-3" / "test.tuned.json").read_text())
    corpus = json.loads((base / "output" / "pieces" / "corpus.test.json").read_text())
    assert score["words"] == corpus["words"]
    [emissions] = (base / "alias" / "pieces" / "emissions" / "qat-3" / "output").glob("*.hdf")
    assert all(frames.shape[1] == 60 + 1 for _, frames in HdfReader(emissions).items())
    jobs = [path.name.split(".")[0] for path in (base / "work").glob("*/jobs/*")]
    assert jobs.count("GenerateMiniCorpusJob") == 1 and jobs.count("LogMelJob") == 3
    [unspellable, *_] = (base / "work" / "lexicon" / "jobs").glob("*/output/unspellable.txt")
    [text] = (base / "work" / "lexicon" / "jobs").glob("TrainSentencePieceJob.*/input/*/output/text.txt")
    letters = set(text.read_text())
    words = unspellable.read_text().split()
    assert words and all(set(word) - letters for word in words)


@pytest.mark.parametrize("missing", ["train/sph", "dev/stm", "words.dic"])
def test_a_corpus_directory_without_its_parts_is_refused_at_once_in_one_sentence(tmp_path, missing):
    base, corpus = workplace(tmp_path / "base"), tmp_path / "corpus"
    for part in ("train", "dev", "test"):
        for kind in ("sph", "stm"):
            (corpus / part / kind).mkdir(parents=True)
            (corpus / part / kind / f"talk.{kind}").touch()
    (corpus / "LM").mkdir()
    (corpus / "LM" / "a.en.gz").write_bytes(gzip.compress(b"some words\n"))
    (corpus / "words.dic").touch()
    gone = corpus / missing
    if gone.is_dir():
        next(gone.iterdir()).unlink()
        gone.rmdir()
    else:
        gone.unlink()
    run = manager(base, TEDLIUM_ROOT=str(corpus))
    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    message = (run.stdout + run.stderr).strip().splitlines()[-1]
    assert gone.suffix in message and (gone.name in message or ".dic" in message)
    assert [path.name for path in (base / "work").iterdir()] == [".manager.lock"]  # no job was set up
