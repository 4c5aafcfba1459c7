"""Every cell of the notebooks runs, in order, and they are stored without what running left."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(notebook: Path, kind: str = "code") -> list[dict]:
    return [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def run(name: str, folder: Path, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess:
    """The cells as one program; pictures are drawn and thrown away."""
    program = tmp_path / "cells.py"
    sources = ["".join(cell["source"]) for cell in cells(ROOT / "notebooks" / name)]
    program.write_text("\n\n".join([*sources, "print('figures:', len(plt.get_fignums()))"]), encoding="utf-8")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tools" / "local_sisyphus")])
    variables = os.environ | {"MPLBACKEND": "Agg", "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"} | environment
    return subprocess.run([sys.executable, str(program)], cwd=folder, env=variables, capture_output=True, text=True)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_it_is_stored_without_outputs_and_with_plain_python(notebook):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(notebook))
    lines = [line for cell in cells(notebook) for line in cell["source"]]
    assert not [line for line in lines if line.startswith(("%", "!"))]


def test_the_simulator_runs(tmp_path):
    done = run("simulator.ipynb", tmp_path, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "five devices:" in done.stdout and "crossbars" in done.stdout
    assert "figures: 2" in done.stdout


def test_one_talk_becomes_the_words_that_the_graph_found(tiny_graph, tmp_path):
    done = run("one_talk.ipynb", tiny_graph, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line.split(" : ", 1) for line in done.stdout.splitlines() if " : " in line]
    said = {name.strip(): text for name, text in lines}
    assert said.keys() == {"spoken", "qat-3", "memristor-3/physical/device-1"}
    hypotheses = json.loads(
        (tiny_graph / "alias" / "tiny" / "search" / "qat-3" / "dev.tuned" / "output" / "hypotheses.json").read_text()
    )
    heard = {name: text.split("   [")[0] for name, text in said.items()}
    assert heard["qat-3"] in {hypothesis["words"] for hypothesis in hypotheses.values()}
    assert "figures: 3" in done.stdout
    assert len(set(heard["memristor-3/physical/device-1"].split()) & set(heard["spoken"].split())) > 1
