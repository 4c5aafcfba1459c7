"""Identity of the jobs around the model; nothing is run."""

import dataclasses
import subprocess
import sys

import pytest
from sisyphus import tk

from memristor_sim.hardware import paper, physical
from recipe.decoding.forward_jobs import EmissionsJob, PriorJob
from recipe.errors import InputError
from recipe.estimates import Rates
from recipe.hardware.jobs import ProgramDeviceJob
from recipe.hardware.spec import ModelSpec
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.jobs import CalibrateJob
from recipe.training.config import LearningRateSchedule, TrainingConfig
from recipe.training.jobs import ReturnnTrainingJob
from tests.recipe.training.synthetic import MODEL

TRAINING = TrainingConfig(schedule=LearningRateSchedule(up=1, down=1, decay=1))
HDF = tk.Path("features.hdf")


def training_job(quantization: QuantizationConfig | None, training: TrainingConfig = TRAINING) -> ReturnnTrainingJob:
    return ReturnnTrainingJob(MODEL, quantization, training, [HDF], HDF, [HDF], HDF)


def test_whatever_changes_the_model_changes_the_training():
    configs = [None, *(QuantizationConfig(weight_bits=bits) for bits in (2, 3, (("*", 3),)))]
    configs.append(QuantizationConfig(weight_bits=3, attention_dropout=True))
    ids = [training_job(config).job_id() for config in configs]
    ids.append(training_job(None, dataclasses.replace(TRAINING, seed=1)).job_id())
    assert len(set(ids)) == len(ids)


def test_resources_do_not():
    job = training_job(QuantizationConfig(weight_bits=5))
    before = job.job_id()
    job.set_rqmt("run", {"cpu": 8, "gpu": 1, "mem": 24, "time": 168})
    assert job.job_id() == before == training_job(QuantizationConfig(weight_bits=5)).job_id()


def test_devices_presets_and_noise_seeds_are_jobs_of_their_own():
    spec = ModelSpec(model=MODEL, quantization=QuantizationConfig(weight_bits=3), hardware=physical())
    checkpoint = training_job(spec.quantization).out_checkpoint
    jobs = [
        ProgramDeviceJob(spec, checkpoint, 0),
        ProgramDeviceJob(spec, checkpoint, 1),
        ProgramDeviceJob(dataclasses.replace(spec, hardware=paper(cycles=2)), checkpoint, 0),
    ]
    emissions = [EmissionsJob(spec, jobs[0].out_checkpoint, [HDF], read_noise_seed=seed) for seed in (0, 1)]
    assert len({job.job_id() for job in [*jobs, *emissions]}) == 5


def test_names_and_the_permission_to_go_on_unlearned_do_not():
    allowed = dataclasses.replace(TRAINING, allow_unlearned=True)
    ids = [training_job(None).job_id(), training_job(None, allowed).job_id()]
    ids += [ReturnnTrainingJob(MODEL, None, TRAINING, [HDF], HDF, [HDF], HDF, name="mini/training/float").job_id()]
    assert len(set(ids)) == 1


def test_a_number_of_updates_has_to_be_a_schedule_by_then():
    with pytest.raises(InputError, match=r"states min_updates 500; give TrainingConfig\.for_audio\(hours\)"):
        training_job(None, dataclasses.replace(TRAINING, min_updates=500))


def test_hours_of_a_training_are_those_of_its_passes_shared_by_its_processes():
    training = TrainingConfig(schedule=LearningRateSchedule(up=2, down=3, decay=1), partitions=3)
    one, two = (ReturnnTrainingJob(MODEL, None, training, [HDF], HDF, [HDF], HDF, number) for number in (1, 2))
    rates = Rates(cpu_flops=MODEL.flops_per_s(), training_factor=3.0)  # an hour of audio per hour, forwards
    assert one.estimated_hours(rates, 10.0) == pytest.approx(3.0 * 10.0 * 6 / 3)
    assert two.estimated_hours(rates, 10.0) == pytest.approx(one.estimated_hours(rates, 10.0) / 2)


def test_jobs_declare_what_they_write():
    float_job = training_job(None)
    calibrate = CalibrateJob(MODEL, QuantizationConfig(weight_bits=4), float_job.out_checkpoint, [HDF])
    prior = PriorJob(ModelSpec(model=MODEL), float_job.out_checkpoint, [HDF])
    assert str(calibrate.out_checkpoint).endswith("model.pt") and str(prior.out_prior).endswith("prior.txt")


def test_the_jobs_import_nothing_heavy():
    modules = [
        "recipe.training.jobs",
        "recipe.quantization.jobs",
        "recipe.hardware.jobs",
        "recipe.decoding.forward_jobs",
    ]
    code = f"""
import importlib, sys
sys.path += {sys.path!r}
for name in {modules!r}:
    importlib.import_module(name)
print([name for name in ("torch", "returnn", "h5py", "matplotlib", "numpy") if name in sys.modules])
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out == "[]\n"
