import ast
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from memristor_sim.hardware import Wires, physical
from recipe.corpus.recognised import VARIABLES
from recipe.entry_point import EXAMPLES
from recipe.errors import InputError
from recipe.estimates import Rates
from recipe.graph.entry_point import experiment_of
from recipe.graph.experiment import Experiment
from recipe.graph.plan import report
from recipe.job import RecipeJob, ShortJob
from recipe.models.conformer import paper_conformer, small_conformer
from recipe.quantization.build_model import build_model
from recipe.systems import Float, Memristor, Qat
from recipe.training.checkpoints import LAST_CHECKPOINT
from setups.tedlium2 import tedlium2
from tests.job_classes import job_classes
from tests.recipe.corpus.stand_ins import kaldi_set

ROOT = Path(__file__).resolve().parents[3]
RATES = Rates(gpu_flops=1e12, qat_factor=2.0, device_factor=7.0)


def plan(config: str, **environment: str) -> subprocess.CompletedProcess:
    inherited = {**os.environ, **dict.fromkeys(VARIABLES, "")}  # set: else those of the last run in this checkout count
    paths = os.pathsep.join([str(ROOT / "tools" / "local_sisyphus"), inherited.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "recipe.graph.plan", config]
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
    assert done.stdout == plan("config/tedlium2.py").stdout
    assert row(done.stdout, "ReturnnTrainingJob.run")[0] == "7"
    assert len(done.stderr.strip().splitlines()) == 1 and "not here is not a directory" in done.stderr


def test_a_config_that_is_no_experiment_is_one_sentence_also_with_a_corpus(tmp_path):
    done = plan("config/weight_reads.py", CORPUS=str(tmp_path / "not here"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("py() of config/weight_reads.py returns no experiment; end it with")
    assert "Traceback" not in done.stderr


def test_a_graph_that_is_none_is_refused():
    done = plan("config/none.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"'config/none.py' is no graph; give {EXAMPLES}\n"


@pytest.mark.parametrize("model", [replace(paper_conformer(), num_blocks=2), small_conformer()])
def test_operations_are_those_that_torch_counts(model):
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        build_model(model).eval()(torch.randn(1, 800, model.num_features), torch.tensor([800]))
    assert model.flops_per_s(segment_s=8.0) == pytest.approx(counter.get_total_flops() / 8.0, rel=1e-3)


def test_weights_of_a_block_are_those_of_its_linears():
    with torch.device("meta"):
        blocks = build_model(paper_conformer()).blocks
    weights = sum(part.weight.numel() for part in blocks.modules() if isinstance(part, nn.Linear))
    assert paper_conformer().quantizable_weights == weights == 40_697_856


def test_hours_of_the_papers_jobs(monkeypatch):
    monkeypatch.delenv("TEDLIUM_ROOT", raising=False)
    experiment = Experiment(tedlium2())
    device, data = Memristor(4, 1, physical()), experiment.data

    def hours(job: RecipeJob) -> float:
        return job.estimated_hours(RATES, experiment.audio_h.get(job, 0.0))

    flops = experiment.setup.model.flops_per_s()
    fifty_epochs = 3 * 50 * 212.07 * flops / 1e12
    assert hours(experiment.training(Float())) == pytest.approx(fifty_epochs)
    assert hours(experiment.training(device)) == pytest.approx(2 * fifty_epochs)
    assert hours(experiment.emissions(device)) == pytest.approx((1.60 + 2.62) * flops / 1e12 * 3 * 7)
    assert hours(experiment.emissions(Float())) == pytest.approx((1.60 + 2.62) * flops / 1e12)
    assert hours(experiment.prior(Qat(4)).creator) == pytest.approx(212.07 * flops / 1e12 * 2)
    assert hours(experiment.model(device).checkpoint.creator) == pytest.approx(2 * 3 * 40_697_856 / 25e6 / 3600)
    wired = Memristor(4, 1, physical(wires=Wires(), tile_rows=64, tile_columns=64), "wired")
    cells = 2 * 3 * 40_697_856
    assert hours(experiment.model(wired).checkpoint.creator) == pytest.approx(cells * (1 / 25e6 + 1 / 4 / 2e5) / 3600)
    assert hours(experiment.emissions(wired)) == pytest.approx(1.6 * hours(experiment.emissions(device)))
    log_mel = [path.creator for path in data.training_features]
    assert sum(map(hours, dict.fromkeys(log_mel))) == pytest.approx(212.07 * (1 + 0.9 + 1.1) / 1000)
    walk, grid = 6, 6 * 5
    assert hours(experiment.tuning(device)) == pytest.approx(walk * 1.60 / 3)
    assert hours(experiment.tuning(Float())) == pytest.approx(grid * 1.60 / 3)
    searched = experiment.hypotheses(device, LAST_CHECKPOINT, "test", "fixed").creator
    assert hours(searched) == pytest.approx(2.62 / 3)
    again = next(iter(experiment.search_errors(device, device.scale_modes).values())).creator
    samples = 2 * 2 * experiment.setup.search_errors.device_segments  # parts, pairs of scales
    assert hours(again) == pytest.approx(RATES.wide_search_factor * samples * 8 / 3600 / 3)


def test_every_job_class_says_how_long_it_takes_or_that_it_is_short():
    classes = job_classes()
    assert len(classes) > 35
    assert {cls.__name__ for cls in classes if cls.estimated_hours is RecipeJob.estimated_hours} == set()
    assert {cls.__name__ for cls in classes if not issubclass(cls, ShortJob)} == {
        "EmissionsJob",
        "LogMelJob",
        "PriorJob",
        "ProgramDeviceJob",
        "ReturnnTrainingJob",
        "SearchErrorJob",
        "SearchJob",
        "TuneScalesJob",
    }


def test_all_job_classes_of_the_recipe_derive_from_its_base():
    """Otherwise versions of packages would not enter their ids, and plans would not know them."""
    for path in (ROOT / "recipe").rglob("*.py"):
        classes = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef))
        for cls in classes:
            bases = {base.id for base in cls.bases if isinstance(base, ast.Name)}
            assert "Job" not in bases or cls.name == "RecipeJob", f"{path}: {cls.name}"


def test_the_plan_of_the_papers_graph_adds_up_what_its_jobs_say():
    """The sums that docs/scale.md quotes: a job class that lost its estimate would lower them."""
    done = plan("config/tedlium2.py")
    sums = re.search(r"about (\S+) hours of GPU tasks and (\S+) hours of CPU tasks", done.stdout)
    assert sums and [float(hours) for hours in sums.groups()] == [116, 828]


def test_a_function_of_an_entry_point_is_planned_and_has_the_jobs_of_its_default():
    last_label, all_labels = (plan(f"config.tiny_transducer.{name}").stdout for name in ("py", "lstm_predictor"))
    assert "tiny-transducer/encoder/float" in last_label and "tiny-lstm-transducer/encoder/float" in all_labels
    jobs = [re.search(r"^([\d,]+) jobs;", text, re.MULTILINE)[1] for text in (last_label, all_labels)]
    assert jobs[0] == jobs[1]


def test_a_graph_of_several_setups_is_planned_with_the_trainings_of_all():
    done = plan("config/crossbar_budget.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        row(done.stdout, "ReturnnTrainingJob.run")[0] == "8" and "mini.192x3/training/qat-2 and 7 more" in done.stdout
    )


def test_the_experiment_of_several_is_the_last_which_has_the_report():
    assert experiment_of("config/crossbar_budget.py").setup.name == "mini.96x4"


def test_a_config_that_returns_no_experiment_is_refused(tmp_path, monkeypatch):
    (tmp_path / "forgotten.py").write_text("def py():\n    pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"py\(\) of forgotten.py returns no experiment; end it with `return run"):
        experiment_of("forgotten.py")


def test_sums_are_apart_for_gpu_and_cpu(monkeypatch):
    monkeypatch.delenv("TEDLIUM_ROOT", raising=False)
    experiment = Experiment(tedlium2())
    jobs = [experiment.training(Float()), experiment.data.training_features[0].creator]
    text = "\n".join(report(jobs, [experiment]))
    gpu_h, cpu_h = (float(row(text, name)[-1]) for name in ("ReturnnTrainingJob.run", "LogMelJob.run"))
    assert f"2 jobs; about {gpu_h:.3g} hours of GPU tasks and {cpu_h:.3g} hours of CPU tasks." in text


@pytest.mark.parametrize("task", ["run", "tune"])
def test_hours_of_mini_are_those_that_its_published_run_took(task):
    """Within a factor of 1.5: docs/results/paper_tables was made on one kind of machine, beside other work."""
    text = plan("config/paper_tables.py").stdout
    stages = (ROOT / "docs" / "results" / "paper_tables" / "stages.md").read_text()
    kinds = {"run": ("ReturnnTrainingJob", "EmissionsJob", "SearchJob", "SearchErrorJob"), "tune": ("TuneScalesJob",)}
    for kind in kinds[task]:
        (line,) = (line for line in stages.splitlines() if f"| {kind} " in line)
        _, _, _, jobs, _, cpu_s, *_ = (cell.strip().replace(",", "") for cell in line.split("|"))
        planned = row(text, f"{kind}.{task}")
        assert planned[0] == jobs
        assert 1 / 1.5 < float(planned[-1]) * 3600 / float(cpu_s) < 1.5, kind


def test_a_plan_says_how_long_trainings_are():
    lines = plan("config/mini.py").stdout.splitlines()
    (line,) = (line for line in lines if line.startswith("mini/training/"))
    assert line == (
        "mini/training/float and 3 more: 18 sub-epochs, 6 passes over 2 hours of speech, at least 2,880 updates."
    )


def test_both_sizes_of_librispeech_have_a_plan():
    large, small = plan("config/librispeech.py"), plan("config/mini_librispeech.py")
    assert (large.returncode, large.stderr, small.returncode, small.stderr) == (0, "", 0, "")
    assert row(large.stdout, "DownloadArchiveJob.download")[0] == "7" and "To download: 61.4 GB" in large.stdout
    assert "1000 sub-epochs, 33.3 passes over 2.88e+03 hours of speech" in large.stdout  # 100 epochs at three speeds
    assert row(small.stdout, "DownloadArchiveJob.download")[0] == "2" and "To download: 0.5 GB" in small.stdout


def test_a_corpus_of_any_layout_is_planned(tmp_path):
    kaldi_set(tmp_path, [f"s{number}" for number in range(5)])
    done = plan("config/mini.py", CORPUS=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert row(done.stdout, "SegmentSourceJob.run")[0] == "3" and "GenerateMiniCorpusJob" not in done.stdout
    (tmp_path / "wav.scp").write_text("a touch /tmp/never |\n")
    refused = plan("config/mini.py", CORPUS=str(tmp_path))
    assert refused.returncode == 1 and "GenerateMiniCorpusJob" in refused.stdout
    assert refused.stderr.strip().startswith("CORPUS cannot be used") and "commands are not run" in refused.stderr
