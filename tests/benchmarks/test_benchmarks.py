"""Every benchmark runs with its smallest sizes and prints its figures as JSON. Their values are not judged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.recipe.decoding.conftest import plant, toy, toy_lm  # noqa: F401 (fixtures of the last test)

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SMALLEST = {
    "coding.py": "--size 40 --bits 2 --devices 1 --vectors 40",
    "corpus_preparation.py": "FOLDER --share 0.0007 --shards 2 --g2p-words 300 --stages train dev test "
    "dictionary oov g2p vocabulary lexicon targets corpus_report log_mel",  # the others call the same functions
    "engine.py": "--jobs 8 --run-jobs 4 --layers 2 --cpus 1",
    "memristor_programming.py": "",
    "memristor_readout.py": "--bits 2 --frames 20 --repeats 1 --lstm 16 --crosssim nowhere",
    "memristor_wires.py": "--bits 2 --frames 20 --size 16 --layer 32 32 --repeats 1",
    "utterance_preparation.py": "FOLDER --utterances 120 --g2p-words 300",
    "training_step.py": "--frames 60 --utterances 1 --repeats 1",
}
FIGURES = {
    "coding.py": {"rows"},
    "corpus_preparation.py": {
        "train",
        "dev",
        "test",
        "dictionary",
        "oov",
        "g2p",
        "lexicon",
        "targets",
        "corpus_report",
        "log_mel",
    },
    "engine.py": {"cpus", "jobs", "bundled"},
    "memristor_programming.py": {"played_numpy_s_per_cell", "ours_s_per_cell", "times_faster"},
    "memristor_readout.py": {"dense_products_s", "no_noise", "noise", "lstm_step", "peers"},
    "memristor_wires.py": {"no_noise", "noise", "pair_s", "model_of_42M_4_bit_s"},
    "utterance_preparation.py": {"train", "dictionary", "oov", "g2p", "vocabulary", "lexicon", "targets", "kaldi"},
    "training_step.py": {"float_step_s", "qat_step_s", "qat_over_float", "over_qat", "torch_over_fused_radam"},
}


def test_every_script_is_run_here():
    assert {path.name for path in FOLDER.glob("*.py")} - {"search_width.py"} == SMALLEST.keys() == FIGURES.keys()


@pytest.mark.parametrize("script", SMALLEST)
def test_it_runs_and_prints_its_figures(script, tmp_path):
    command = [sys.executable, str(FOLDER / script), *SMALLEST[script].replace("FOLDER", str(tmp_path / "ü")).split()]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    figures = json.loads(run.stdout[run.stdout.index("\n{") if "\n{" in run.stdout else 0 :])
    assert figures.keys() >= FIGURES[script]


def test_widths_are_compared_on_the_files_of_a_recogniser(toy, plant):  # noqa: F811
    path = "K K AE T# . D AO G# . . AE# . K AE T# . D AO G# ."
    toy.write_segments({str(n): "cat dog a cat dog" for n in range(20)})
    toy.write_emissions({str(n): plant(path, strength=2.5, seed=n) for n in range(20)})
    command = [
        sys.executable,
        str(FOLDER / "search_width.py"),
        "--files",
        str(toy.folder),
        "--widths",
        "2/2/3",
        "8/4/6",
    ]
    run = subprocess.run([*command, "--segments", "10"], cwd=FOLDER.parent, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    narrow, wide = json.loads(run.stdout.splitlines()[-1])["rows"]
    assert narrow["search_errors_percent"] > wide["search_errors_percent"] == 0
    assert narrow["wer_percent"] > wide["wer_percent"] and min(narrow["cpu_s"], wide["cpu_s"]) > 0
