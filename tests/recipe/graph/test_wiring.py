"""Which seed, part and baseline reaches which job: a graph wired otherwise would run just as well, to other numbers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sisyphus import tk

from memristor_sim.hardware import paper, physical
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.hardware.jobs import EnergyJob
from recipe.job import RecipeJob
from recipe.scoring.jobs import BestOnDevJob
from recipe.setup import Calibration, ScaleGrid, Setup
from recipe.systems import Float, Memristor, Ptq, Qat, System
from recipe.training.checkpoints import LAST_CHECKPOINT, BestCheckpoints, LastCheckpoint
from setups.tiny import tiny
from tests.job_classes import job_classes

PRESETS = {"physical": physical(), "paper": paper(cycles=1)}
SYSTEMS = [Float(), Ptq(3), Qat(3), Memristor(3, 5, physical())]


@pytest.fixture
def experiment() -> Experiment:
    grid = ScaleGrid(lm_scales=(1.0, 2.0), prior_scales=(0.1, 0.4, 0.7), fixed_lm_scale=1.25, fixed_prior_scale=0.75)
    return Experiment(replace(tiny(), scale_grid=grid, calibration=Calibration(num_utterances=17, seed=9)))


def test_every_device_is_programmed_and_read_with_its_own_seed(experiment):
    for seed in (1, 2, 7):
        for device in (Memristor(3, seed, physical()), Memristor(3, seed, paper(cycles=seed), "paper")):
            assert experiment.model(device).checkpoint.creator.device_seed == seed
            assert experiment.emissions(device).read_noise_seed == seed
            assert experiment.model(device).spec.hardware == experiment.emissions(device).spec.hardware
            assert device.hardware == experiment.emissions(device).spec.hardware


def test_energy_is_that_of_one_device_of_each_row_on_dev(experiment):
    device = Memristor(3, 7, physical())
    job = experiment.energy(device)
    assert (job.spec, job.checkpoint) == (experiment.model(device).spec, experiment.model(device).checkpoint)
    assert (job.features, job.read_noise_seed, job.num_utterances) == (experiment.data.features["dev"], 7, 10)
    devices = [Memristor(3, seed, hardware, name) for name, hardware in PRESETS.items() for seed in (5, 7)]
    jobs = jobs_of_the_report(tiny(), [Float(), Qat(3), *devices])
    assert {job.spec.hardware for job in jobs if isinstance(job, EnergyJob)} == set(PRESETS.values())
    assert {job.read_noise_seed for job in jobs if isinstance(job, EnergyJob)} == {5}
    assert not [job for job in jobs_of_the_report(tiny(), [Float(), Qat(3)]) if isinstance(job, EnergyJob)]


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_scales_are_tuned_on_dev_alone(experiment, system):
    tuning = experiment.tuning(system)
    assert tuning.segments == experiment.data.segments["dev"] != experiment.data.segments["test"]
    assert tuning.lm_scales == [1.0, 2.0] and tuning.prior_scales == [0.1, 0.4, 0.7]
    assert tuning.files.emissions == experiment.emissions(system).out_emissions
    assert tuning.files.prior == experiment.prior(system)


@pytest.mark.parametrize("part", ["dev", "test"])
@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_part_is_searched_and_scored_against_its_own_segments(experiment, system, part):
    tuned = experiment.tuning(system)
    for scale_mode, scales in (("tuned", (tuned.out_lm_scale, tuned.out_prior_scale)), ("fixed", (1.25, 0.75))):
        scored = experiment.score(system, LAST_CHECKPOINT, part, scale_mode)
        job = scored.score.creator
        search = job.hypotheses.creator
        assert job.segments == search.segments == experiment.data.segments[part]
        assert search.files == experiment.search_files(system, LAST_CHECKPOINT)
        assert scored.utterances.creator is job
        assert (scored.system, scored.part, scored.scale_mode) == (system, part, scale_mode)
        assert (scored.lm_scale, scored.prior_scale) == scales
        if search is not tuned:
            assert (search.lm_scale, search.prior_scale) == scales


def test_every_pass_reads_the_features_of_its_parts(experiment):
    features, hours = experiment.data.features, experiment.data.hours
    emissions, training = experiment.emissions(Qat(3)), experiment.training(Qat(3))
    assert emissions.features == features["dev"] + features["test"]
    assert experiment.prior(Qat(3)).creator.features == features["train"]
    assert experiment.model(Ptq(3)).checkpoint.creator.features == features["train"]
    assert [training.features, training.dev_features] == [features["train"], features["dev"]]
    assert training.targets == experiment.data.training_targets != experiment.data.dev_targets
    assert training.dev_targets == experiment.data.dev_targets
    test_search = experiment.hypotheses(Qat(3), LAST_CHECKPOINT, "test", "tuned").creator
    found = [experiment.audio_h[job] for job in (emissions, experiment.tuning(Qat(3)), test_search)]
    assert found == pytest.approx([hours["dev"] + hours["test"], hours["dev"], hours["test"]])


def test_calibration_takes_its_sample_and_seed_from_the_setup(experiment):
    job = experiment.model(Ptq(3)).checkpoint.creator
    assert (job.num_utterances, job.seed) == (17, 9)


def test_the_best_checkpoint_is_chosen_by_dev_for_every_part():
    one = replace(tiny(), training=replace(tiny().training, keep_best=1))
    experiment = Experiment(replace(one, checkpoints=(LastCheckpoint(), BestCheckpoints(1))))
    found = {scored.part: scored for scored in experiment.scores(Float())}
    for part, scored in found.items():
        job = scored.score.creator
        assert isinstance(job, BestOnDevJob)
        on_dev, on_part = (
            [experiment.score(Float(), checkpoint, name, "tuned") for checkpoint in experiment.setup.checkpoints]
            for name in ("dev", part)
        )
        assert job.dev_scores == [one.score for one in on_dev]
        assert job.scores == [one.score for one in on_part]
        assert job.utterances == [one.utterances for one in on_part]
        assert (job.lm_scales, job.prior_scales) == (
            [one.lm_scale for one in on_part],
            [one.prior_scale for one in on_part],
        )
        assert (scored.lm_scale, scored.prior_scale) == (job.out_lm_scale, job.out_prior_scale)
        assert scored.utterances == job.out_utterances
    assert set(found) == {"dev", "test"}


def seeded_classes() -> Iterator[tuple[type[RecipeJob], str]]:
    """(class, name of the argument) for every job class that takes a seed."""
    for cls in job_classes():
        code = cls.__init__.__code__
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        yield from ((cls, name) for name in names if "seed" in name)


@pytest.mark.parametrize("cls, name", list(seeded_classes()), ids=lambda value: getattr(value, "__name__", value))
def test_a_seed_is_part_of_the_id(cls, name):
    code = cls.__init__.__code__
    others = dict.fromkeys(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
    assert len({cls.hash(others | {name: seed}) for seed in (0, 1, 2)}) == 3


def test_jobs_with_seeds_are_found():
    names = {cls.__name__ for cls, _ in seeded_classes()}
    assert names >= {"ProgramDeviceJob", "EmissionsJob", "CalibrateJob", "CellTransferJob", "TablesJob"}


def jobs_of_the_report(setup: Setup, systems: list[System]) -> set[RecipeJob]:
    """All jobs that the outputs of a graph need."""
    outputs: list[tk.Path] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tk, "register_output", lambda name, path, **_: outputs.append(path))
        run(setup, systems)
    found: set[RecipeJob] = set()
    while outputs:
        job = outputs.pop().creator
        if job is not None and job not in found:
            found.add(job)
            outputs.extend(job._sis_inputs)
    return found


def test_every_job_has_tasks_that_it_can_run_again_and_that_say_what_they_need():
    jobs = jobs_of_the_report(tiny(), SYSTEMS)
    assert {type(job).__name__ for job in jobs} >= {"NgramJob", "LogMelJob", "HtmlReportJob", "CellStatesJob"}
    for job in jobs:
        tasks = job.planned_tasks()
        assert tasks, job
        for task in tasks:
            assert callable(getattr(job, task._start)) and callable(getattr(job, task._resume)), job
            needs = task.rqmt()
            assert task.mini_task or min(needs["cpu"], needs["mem"], needs["time"]) > 0, job
