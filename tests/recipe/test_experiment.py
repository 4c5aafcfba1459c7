"""What the graph promises: systems add exactly their jobs, and nothing that exists changes its identity."""

import gzip
import importlib
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sisyphus import tk

from memristor_sim.hardware import Adc, paper, physical
from recipe.errors import InputError
from recipe.experiment import model_of, prepare_data, prior_of, recognise, trained_system
from recipe.systems import Float, Memristor, Ptq, Qat
from recipe.training.checkpoints import BestCheckpoints, LastCheckpoint
from setups.mini import mini
from setups.tiny import tiny

ROOT = Path(__file__).resolve().parents[2]


def jobs_of(systems, setup=None) -> set[str]:
    """Identities of all jobs that the scores of `systems` need."""
    setup = setup or tiny()
    data = prepare_data(setup)
    found, todo = set(), [path for system in systems for s in recognise(setup, data, system) for path in [s.score]]
    while todo:
        job = todo.pop().creator
        if job is not None and job.job_id() not in found:
            found.add(job.job_id())
            todo.extend(job._sis_inputs)
    return found


def kinds(jobs: set[str]) -> Counter:
    return Counter(job.rsplit("/", 1)[1].split(".")[0] for job in jobs)


def bits(width: int, seeds=range(1, 11)) -> list:
    return [Ptq(width), Qat(width), *(Memristor(width, seed, physical()) for seed in seeds)]


def test_another_bit_width_adds_one_training_its_decodes_and_ten_devices_and_changes_nothing_else():
    before = jobs_of([Float(), *bits(4)])
    after = jobs_of([Float(), *bits(4), *bits(7)])
    assert before < after
    assert kinds(after - before) == {
        "ReturnnTrainingJob": 1,
        "CalibrateJob": 1,
        "ProgramDeviceJob": 10,
        "PriorJob": 1,  # the QAT model's; PTQ takes the float model's
        "EmissionsJob": 12,
        "TuneScalesJob": 12,
        "SearchJob": 2 * 2 + 10 * 4,  # dev and test; devices at tuned and at fixed scales
        "ScoreJob": 2 * 2 + 10 * 4,
    }


def test_more_seeds_add_only_the_new_devices():
    added = jobs_of(bits(4, range(1, 21))) - jobs_of(bits(4))
    assert kinds(added)["ProgramDeviceJob"] == 10
    assert not {"ReturnnTrainingJob", "CalibrateJob", "PriorJob", "LogMelJob"} & set(kinds(added))


def test_another_hardware_value_programs_again_and_trains_nothing():
    devices = [Memristor(4, 1, physical())]
    sweep = [Memristor(4, 1, replace(physical(), adc=Adc(precision_bits=p)), f"adc-{p}") for p in (2, 6)]
    assert kinds(jobs_of(devices + sweep) - jobs_of(devices)) == {
        "ProgramDeviceJob": 2,
        "EmissionsJob": 2,
        "TuneScalesJob": 2,
        "SearchJob": 8,
        "ScoreJob": 8,
    }


def test_the_preset_name_enters_no_job():
    assert jobs_of([Memristor(4, 1, physical(), "physical")]) == jobs_of([Memristor(4, 1, physical(), "other")])


def test_a_mapping_of_bits_is_a_training_of_its_own():
    mixed = {"*.feed_forward*": 4, "*": 8}
    added = jobs_of([Qat(8), Qat(mixed)]) - jobs_of([Qat(8)])
    assert kinds(added)["ReturnnTrainingJob"] == 1


@pytest.mark.parametrize(
    ("system", "stands_on"),
    [(Float(), Float()), (Ptq(3), Float()), (Qat(3), Qat(3)), (Memristor(3, 1, paper(cycles=1)), Qat(3))],
)
def test_every_system_takes_checkpoint_and_prior_of_the_training_it_stands_on(system, stands_on):
    setup = tiny()
    data = prepare_data(setup)
    assert trained_system(system) == stands_on
    assert prior_of(setup, data, system) == prior_of(setup, data, stands_on)
    spec, checkpoint = model_of(setup, data, system)
    if system != stands_on:
        assert checkpoint.creator.checkpoint == model_of(setup, data, stands_on)[1]
    assert (spec.hardware is not None) == isinstance(system, Memristor)


def test_a_corpus_directory_takes_the_place_of_the_generated_one(tmp_path, monkeypatch):
    for part in ("train", "dev", "test"):
        for kind in ("sph", "stm"):
            (tmp_path / part / kind).mkdir(parents=True)
            (tmp_path / part / kind / f"talk.{kind}").touch()
    (tmp_path / "LM").mkdir()
    (tmp_path / "LM" / "a.en.gz").write_bytes(gzip.compress(b"some words\n"))
    (tmp_path / "words.dic").touch()
    monkeypatch.setenv("TEDLIUM_ROOT", str(tmp_path))
    added = kinds(jobs_of([Float()], mini()))
    monkeypatch.delenv("TEDLIUM_ROOT")
    generated = kinds(jobs_of([Float()], mini()))
    assert generated - added == {"GenerateMiniCorpusJob": 1}
    assert not added - generated


def test_building_a_graph_imports_nothing_heavy():
    code = (
        "import sys; from config import mini; mini.py(); "
        "heavy = {'torch', 'torchaudio', 'returnn', 'matplotlib', 'h5py', 'scipy', 'numpy'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    paths = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tools' / 'local_sisyphus')]!r}; "
    subprocess.run([sys.executable, "-c", paths + code], check=True, cwd=ROOT)


GRAPHS = ("tiny", "mini", "paper_tables", "add_bit_width", "mixed_precision", "converter_sweep")


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_graph_builds_and_registers_each_output_once(monkeypatch, graph):
    names = Counter()
    monkeypatch.setattr(tk, "register_output", lambda name, path, **_: names.update([name]))
    importlib.import_module(f"config.{graph}").py()
    assert names and set(names.values()) == {1}
    assert {"tables/table1.md", "tables/table2.md", "tables/table3.md"} <= set(names)


def test_checkpoints_are_tried_for_trained_models_alone():
    one = replace(tiny(), training=replace(tiny().training, keep_best=2), qat_training=tiny().qat_training)
    several = replace(one, checkpoints=(LastCheckpoint(), BestCheckpoints(1), BestCheckpoints(2)))
    systems = [Float(), Ptq(4)]
    before, after = jobs_of(systems, one), jobs_of(systems, several)
    assert before <= after
    assert kinds(after - before) == {
        "AverageCheckpointsJob": 1,
        "PriorJob": 2,
        "EmissionsJob": 2,
        "TuneScalesJob": 2,
        "SearchJob": 4,
        "ScoreJob": 4,
        "BestOnDevJob": 2,
    }


def test_more_checkpoints_than_training_keeps_are_refused():
    setup = replace(tiny(), checkpoints=(BestCheckpoints(2),))
    with pytest.raises(InputError, match="2 best checkpoints, training keeps 0; raise TrainingConfig.keep_best"):
        jobs_of([Float()], setup)


def test_speed_perturbation_is_for_training_alone():
    setup = replace(tiny(), speed_factors=(1.0, 0.9, 1.1))
    added = jobs_of([Float(), Ptq(4)], setup) - jobs_of([Float(), Ptq(4)], tiny())
    assert kinds(added)["LogMelJob"] == 2 and kinds(added)["ReturnnTrainingJob"] == 1
    data = prepare_data(setup)
    assert prior_of(setup, data, Float()).creator.features == data.features["train"] == data.training_features[:2]
