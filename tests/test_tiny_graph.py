"""The whole graph as a user starts it, on minutes of speech, in a directory whose name has a space and an umlaut."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("config", "recipe", "memristor_sim", "setups", "settings.py")


def manager(base: Path, **environment) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "sis"), "manager", "-r", "config/tiny.py"]
    return subprocess.run(command, cwd=base, env=os.environ | environment, capture_output=True, text=True)


def workplace(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in SOURCES:
        (folder / name).symlink_to(ROOT / name)
    (folder / "work").mkdir()
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    base = workplace(tmp_path_factory.mktemp("graph") / "tiny gräph")
    run = manager(base)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return base


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
    assert all(0 < score["wer_percent"] <= 200 for score in found.values())


def test_the_tables_name_what_is_there_and_what_is_not(finished):
    table2, table3 = ((finished / "output" / "tables" / f"table{n}.md").read_text() for n in (2, 3))
    assert "tiny" in table2 and "not in this graph" in table2
    assert "physical" in table3 and "2 devices" in table3
    assert "1.0 x 0.5" in (finished / "output" / "tables" / "table1.md").read_text()
    assert (finished / "output" / "plots" / "wer.png").read_bytes().startswith(b"\x89PNG")


def test_models_of_one_graph_differ_as_their_systems_do(finished):
    """Emissions: devices differ from their digital model and from each other, and are all distributions."""
    import numpy as np

    from recipe.corpus.hdf import read_hdf

    alias = finished / "alias" / "tiny" / "emissions"
    names = ["float", "ptq-3", "qat-3", "memristor-3/physical/device-1", "memristor-3/physical/device-2"]
    found = [dict(read_hdf(alias / name / "output" / "emissions.hdf")) for name in names]
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
