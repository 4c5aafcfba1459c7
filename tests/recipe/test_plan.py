import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from recipe.experiment import digital_model, emissions_of, prepare_data, training
from recipe.plan import report
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from memristor_sim.hardware import physical
from recipe.acoustic_model.config import paper_conformer, small_conformer
from recipe.estimates import Rates, block_weights, forward_flops, hours_of
from recipe.quantization.build import build_model
from recipe.systems import Memristor, Qat
from recipe.training.checkpoints import LastCheckpoint
from setups.tedlium2 import tedlium2

ROOT = Path(__file__).resolve().parents[2]
RATES = Rates(gpu_flops=1e12, qat_factor=2.0, device_factor=7.0)


def plan(config: str, **environment: str) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name != "TEDLIUM_ROOT"}
    paths = os.pathsep.join([str(ROOT / "tools" / "local_sisyphus"), inherited.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "recipe.plan", config]
    env = {**inherited, "PYTHONPATH": paths, **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def row(text: str, name: str) -> list[str]:
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
    return line.split()[1:]


def test_the_papers_graph_without_data_says_what_it_takes():
    done = plan("config/tedlium2.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert row(done.stdout, "ReturnnTrainingJob.run")[:6] == ["7", "7", "6", "24", "1", "168"]
    assert row(done.stdout, "LogMelJob.run")[:2] == ["5", "100"]
    assert row(done.stdout, "ProgramDeviceJob.run")[0] == "100"
    assert "To download: 36.8 GB from https://" in done.stdout


def test_a_missing_corpus_is_one_sentence_below_the_plan(tmp_path):
    done = plan("config/tedlium2.py", TEDLIUM_ROOT=str(tmp_path / "not here"))
    assert done.returncode == 1
    assert row(done.stdout, "ReturnnTrainingJob.run")[0] == "7"
    assert len(done.stderr.strip().splitlines()) == 1 and "not here is not a directory" in done.stderr


def test_a_graph_that_is_none_is_refused():
    done = plan("config/none.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "config/none.py is no graph; give a file such as config/mini.py\n"


@pytest.mark.parametrize("model", [replace(paper_conformer(), num_blocks=2), small_conformer()])
def test_operations_are_those_that_torch_counts(model):
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        build_model(model).eval()(torch.randn(1, 800, model.num_features), torch.tensor([800]))
    assert forward_flops(model, segment_s=8.0) == pytest.approx(counter.get_total_flops() / 8.0, rel=1e-3)


def test_weights_of_a_block_are_those_of_its_linears():
    with torch.device("meta"):
        blocks = build_model(paper_conformer()).blocks
    weights = sum(part.weight.numel() for part in blocks.modules() if isinstance(part, nn.Linear))
    assert 12 * block_weights(paper_conformer()) == weights == 40_697_856


def test_hours_of_the_papers_jobs(monkeypatch):
    monkeypatch.delenv("TEDLIUM_ROOT", raising=False)
    setup = tedlium2()
    data = prepare_data(setup)
    flops = forward_flops(setup.model)
    fifty_epochs = 3 * 50 * 212.07 * flops / 1e12
    assert hours_of(training(setup, data, None), RATES) == pytest.approx(fifty_epochs)
    qat = digital_model(setup, data, Qat(4))[1].creator
    assert hours_of(qat, RATES) == pytest.approx(2 * fifty_epochs)
    device = emissions_of(setup, data, Memristor(4, 1, physical()), LastCheckpoint())[0].creator
    assert hours_of(device, RATES) == pytest.approx((1.60 + 2.62) * flops / 1e12 * 3 * 7)


def test_sums_are_apart_for_gpu_and_cpu(monkeypatch):
    monkeypatch.delenv("TEDLIUM_ROOT", raising=False)
    setup = tedlium2()
    data = prepare_data(setup)
    jobs = [training(setup, data, None), data.training_features[0].creator]
    text = "\n".join(report(jobs, RATES))
    gpu_h, cpu_h = (float(row(text, name)[-1]) for name in ("ReturnnTrainingJob.run", "LogMelJob.run"))
    assert f"2 jobs; about {gpu_h:.3g} hours of GPU tasks and {cpu_h:.3g} hours of CPU tasks." in text
