"""What the graph promises: systems add exactly their jobs, and nothing that exists changes its identity."""

import functools
import gzip
import importlib
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sisyphus import Job, tk

from config import (
    add_bit_width,
    ageing,
    converter_sweep,
    crossbar_budget,
    mixed_precision,
    mixed_tiles,
    paper_tables,
    published_choices,
    sentencepiece,
    three_bit,
    training_seeds,
)
from memristor_sim.hardware import Adc, paper, physical
from recipe.corpus.config import StmRules
from recipe.corpus.text_rule import TextRule
from recipe.corpus_report.limits import CorpusLimits, Limit
from recipe.decoding.config import SearchErrorSample
from recipe.decoding.forward_jobs import EmissionsJob
from recipe.decoding.jobs import SearchJob, TuneScalesJob
from recipe.errors import InputError
from recipe.graph import run as run_module
from recipe.graph.experiment import Experiment
from recipe.graph.outdated import dependents
from recipe.graph.run import devices_models, run
from recipe.hardware.calibration import ColumnAffine
from recipe.hardware.jobs import ProgramDeviceJob
from recipe.lm.config import MixtureConfig
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.ranges import Lsq
from recipe.setup import ScaleGrid
from recipe.systems import Float, Memristor, Ptq, Qat, device_of
from recipe.training.checkpoints import LAST_CHECKPOINT, BestCheckpoints, LastCheckpoint
from recipe.training.jobs import ReturnnTrainingJob
from recipe.training.options import DeviceNoise, Distil
from setups.mini import mini
from setups.small_corpus import small_corpus
from setups.tedlium2 import tedlium2
from setups.tiny import tiny

ROOT = Path(__file__).resolve().parents[3]


def jobs_of(systems, setup=None) -> set[str]:
    """Identities of all jobs that the scores of `systems` need."""
    experiment = Experiment(setup or tiny())
    return {job.job_id() for job in ancestors(s.score for system in systems for s in experiment.scores(system))}


def ancestors(paths) -> set[Job]:
    """All jobs that the paths need."""
    found, todo = set(), list(paths)
    while todo:
        job = todo.pop().creator
        if job is not None and job not in found:
            found.add(job)
            todo.extend(job._sis_inputs)
    return found


@functools.cache
def outputs_of(graph) -> list[tuple[str, tk.Path]]:
    """What an entry point registers, in order."""
    outputs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tk, "register_output", lambda name, path, **_: outputs.append((name, path)))
        graph()
    return outputs


def registered(setup, systems) -> list[tuple[str, tk.Path]]:
    """What a graph of these systems registers."""
    return outputs_of(lambda: run(setup, systems))


def scoring_jobs(graph) -> set[Job]:
    """All jobs behind the registered scores of an entry point."""
    return ancestors(path for name, path in outputs_of(graph) if "/scores/" in name)


def ids(jobs: set[Job]) -> set[str]:
    return {job.job_id() for job in jobs}


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
        "CheckWerJob": 1,
        "ProgramDeviceJob": 10,
        "PriorJob": 1,  # the QAT model's; PTQ takes the float model's
        "EmissionsJob": 12,
        "TuneScalesJob": 12,
        "SearchJob": 2 * 1 + 10 * 3,  # test at tuned scales; devices also dev and test at fixed ones
        "ScoreJob": 2 * 2 + 10 * 4,
    }


def test_devices_wait_for_a_model_that_recognises_and_their_ids_do_not_say_so():
    device, other = Memristor(3, 1, physical()), Memristor(3, 2, physical())
    limited, unlimited = (Experiment(replace(tiny(), most_wer_percent=limit)) for limit in (25.0, None))
    programming = limited.model(device).checkpoint.creator
    check = programming.after.creator
    assert check.most_percent == 25.0 and check.score == limited.score(Qat(3), LAST_CHECKPOINT, "dev", "tuned").score
    assert unlimited.model(other).checkpoint.creator.after is None
    arguments = {"spec": programming.spec, "checkpoint": programming.checkpoint, "device_seed": 1}
    assert ProgramDeviceJob.hash(arguments) == ProgramDeviceJob.hash({**arguments, "after": programming.after})


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
        "SearchJob": 6,
        "ScoreJob": 8,
    }


def test_a_calibration_comes_after_programming_and_changes_no_other_job():
    plain, calibrated = Memristor(4, 1, physical()), Memristor(4, 1, physical(), calibration=ColumnAffine(seconds=20))
    assert kinds(jobs_of([plain, calibrated]) - jobs_of([plain])) == {
        "CalibrateDeviceJob": 1,
        "EmissionsJob": 1,
        "TuneScalesJob": 1,
        "SearchJob": 3,
        "ScoreJob": 4,
    }
    experiment = Experiment(tiny())
    job = experiment.model(calibrated).checkpoint.creator
    assert job.checkpoint == experiment.model(plain).checkpoint and job.features == experiment.data.features["train"]
    assert job.digital == experiment.model(plain.digital).checkpoint == experiment.training(Qat(4)).out_checkpoint
    assert experiment.emissions(calibrated).spec.calibration == (ColumnAffine(seconds=20),)


def test_every_job_of_the_papers_tables_is_constructed_once(monkeypatch):
    """A node is kept, not derived anew; the call of a job class is what costs time, as it hashes the arguments."""
    constructed = Counter()
    metaclass = type(Job)
    call = metaclass.__call__

    def counted(cls, *args, **kwargs):
        job = call(cls, *args, **kwargs)
        constructed[job.job_id()] += 1
        return job

    monkeypatch.setattr(metaclass, "__call__", counted)
    paper_tables.py()
    second_searches = 113 + 5  # of a sample: each system, and five digital models at fixed scales
    assert len(constructed) == 963 + second_searches
    assert set(constructed.values()) == {1}


def test_a_node_is_the_same_object_whoever_asks():
    experiment = Experiment(tiny())
    device = Memristor(3, 1, physical())
    assert experiment.tuning(Qat(3)) is experiment.tuning(device.digital)
    assert experiment.model(device) is experiment.model(device)
    assert experiment.scores(Float())[0] is experiment.score(Float(), LastCheckpoint(), "dev", "tuned")
    assert experiment.data is experiment.data
    assert set(experiment.nodes) >= {"data", "training", "model", "tuning", "hypotheses", "score", "scores"}
    assert (Qat(3), LAST_CHECKPOINT) in experiment.nodes["tuning"]


def test_an_experiment_of_another_setup_shares_no_node():
    one, other = Experiment(tiny()), Experiment(replace(tiny(), scale_grid=ScaleGrid(lm_scales=(1.0,))))
    assert one.training(Float()) is other.training(Float())  # Sisyphus makes one job of equal arguments
    assert one.tuning(Float()) is not other.tuning(Float())


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
    experiment = Experiment(tiny())
    assert system.trained == stands_on
    assert experiment.training(system) is experiment.training(stands_on)
    assert experiment.prior(system) == experiment.prior(stands_on)
    model = experiment.model(system)
    if system != stands_on:
        assert model.checkpoint.creator.checkpoint == experiment.model(stands_on).checkpoint
    assert (model.spec.hardware is not None) == isinstance(system, Memristor)


def test_a_corpus_directory_takes_the_place_of_the_generated_one(tmp_path, monkeypatch):
    for part in ("train", "dev", "test"):
        for kind in ("sph", "stm"):
            (tmp_path / part / kind).mkdir(parents=True)
            (tmp_path / part / kind / f"talk.{kind}").write_text("talk 1 s 0.50 2.00 <NA> some words\n")
    (tmp_path / "LM").mkdir()
    (tmp_path / "LM" / "a.en.gz").write_bytes(gzip.compress(b"some words\n"))
    (tmp_path / "words.dic").touch()
    monkeypatch.setenv("TEDLIUM_ROOT", str(tmp_path))
    added = kinds(jobs_of([Float()], mini()))
    monkeypatch.delenv("TEDLIUM_ROOT")
    generated = kinds(jobs_of([Float()], mini()))
    for counted in (added, generated):
        counted.pop("CorpusReportJob", None)  # jobs wait for it once this process has built the whole graph
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


EXTENSIONS = (
    "add_bit_width",
    "mixed_precision",
    "mixed_tiles",
    "converter_sweep",
    "sentencepiece",
    "published_choices",
    "training_seeds",
    "wire_resistance",
    "ageing",
    "adc_split",
    "verify",
    "crossbar_budget",
)
GRAPHS = ("tiny", "mini", "paper_tables", "three_bit", "best_three_bit", *EXTENSIONS)


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_graph_builds_and_registers_each_output_once(graph):
    names = Counter(name for name, _ in outputs_of(importlib.import_module(f"config.{graph}").py))
    assert names and set(names.values()) == {1}
    assert {"tables/table1.md", "tables/table2.md", "tables/table3.md"} <= set(names)


@pytest.mark.parametrize(
    "graph, function, trainings",
    [
        ("lstm", "simple_recurrent_units", 3),
        ("best_three_bit", "trainings", 6),
        ("spoken_games", "py", 4),
        ("spoken_games", "three_bit", 2),
    ],
)
def test_other_functions_of_entry_points_register_each_output_once_and_train_what_their_rows_need(
    graph, function, trainings
):
    outputs = outputs_of(getattr(importlib.import_module(f"config.{graph}"), function))
    assert set(Counter(name for name, _ in outputs).values()) == {1}
    jobs = ancestors(path for name, path in outputs if "/scores/" in name)
    assert sum(isinstance(job, ReturnnTrainingJob) for job in jobs) == trainings


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
        "SearchJob": 2,
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
    experiment = Experiment(setup)
    features = experiment.data.features["train"]
    assert experiment.prior(Float()).creator.features == features == experiment.data.training_features[:2]


def test_the_entry_point_of_a_bit_width_adds_its_jobs_per_preset_to_the_papers_rows_and_changes_none():
    before = ids(scoring_jobs(paper_tables.py))
    after = ids(scoring_jobs(add_bit_width.py))
    assert before < after
    assert kinds(after - before) == {
        "ReturnnTrainingJob": 1,
        "CalibrateJob": 1,
        "CheckWerJob": 1,
        "ProgramDeviceJob": 2 * 10,
        "PriorJob": 1,
        "EmissionsJob": 2 + 2 * 10,
        "TuneScalesJob": 2,
        "SearchJob": 2 * 1 + 2 + 10 * 4 + 10 * 2,  # QAT at fixed scales as well, because there are devices of it
        "ScoreJob": 2 * 2 + 2 + 10 * 4 + 10 * 2,
    }


def test_twenty_seeds_add_the_ten_new_devices_of_each_preset():
    before = jobs_of(paper_tables.devices(3), mini())
    after = jobs_of(paper_tables.devices(3, seeds=20), mini())
    devices = 2 * 10  # presets, seeds
    assert before < after
    assert kinds(after - before) == {
        "ProgramDeviceJob": devices,
        "EmissionsJob": devices,
        "SearchJob": 3 * devices,  # the preset `paper` at fixed scales alone
        "ScoreJob": 3 * devices,
    }


def with_devices(how):
    setup = mini()
    return replace(setup, scale_grid=replace(setup.scale_grid, devices=how))


def test_a_device_takes_over_the_scales_of_its_digital_model():
    experiment = run(with_devices("digital"), [Qat(4), device := Memristor(4, 1, physical())])
    tuning = experiment.tuning(Qat(4))
    assert experiment.scales(device, "tuned") == (tuning.out_lm_scale, tuning.out_prior_scale)
    assert [key[0] for key in experiment.nodes["tuning"]] == [Qat(4)]
    for part in experiment.parts.evaluated:
        search = experiment.hypotheses(device, LAST_CHECKPOINT, part, "tuned").creator
        assert isinstance(search, SearchJob) and search.segments == experiment.data.segments[part]


def test_an_unknown_way_to_the_scales_of_devices_is_refused():
    with pytest.raises(InputError, match="ScaleGrid.devices is 'none'; give one of grid, walk, digital"):
        with_devices("none")
    with pytest.raises(InputError, match="ScaleGrid.digital is 'digital'; give one of grid, walk"):
        ScaleGrid(digital="digital")


def test_digital_systems_walk_from_the_fixed_pair_if_the_setup_says_so():
    for digital, start in (("walk", (2.0, 0.5)), ("grid", None)):
        setup = replace(mini(), scale_grid=replace(mini().scale_grid, digital=digital))
        assert {Experiment(setup).tuning(system).walk_from for system in (Float(), Ptq(3), Qat(3))} == {start}


def test_a_devices_scales_are_looked_for_around_its_digital_models():
    jobs = scoring_jobs(lambda: run(with_devices("walk"), [Qat(4), Memristor(4, 1, physical())]))
    digital, device = sorted(
        (job for job in jobs if isinstance(job, TuneScalesJob)),
        key=lambda job: isinstance(job.walk_from[0], tk.Variable),
    )
    assert device.walk_from == (digital.out_lm_scale, digital.out_prior_scale)
    assert digital.walk_from == (2.0, 0.5) and device.files.emissions != digital.files.emissions


def test_a_sweep_trains_nothing_and_programs_each_hardware_value_once_per_device():
    jobs = scoring_jobs(converter_sweep.py)
    trained = ids(scoring_jobs(lambda: run(mini(), [Float(), Qat(4)])))
    assert trained < ids(jobs)
    programmed = [job for job in jobs if isinstance(job, ProgramDeviceJob)]
    values = {(job.spec.hardware.adc, job.spec.hardware.dac, job.spec.hardware.tile_rows) for job in programmed}
    assert len(values) == 4 + 3 + 3 - 2  # the usual values end three lists, and are one device
    assert len(programmed) == 3 * len(values)
    assert kinds(ids(jobs) - trained).keys() == {
        "CheckWerJob",
        "ProgramDeviceJob",
        "EmissionsJob",
        "TuneScalesJob",
        "SearchJob",
        "ScoreJob",
    }


def test_devices_are_written_for_each_age_and_known_by_it():
    jobs = scoring_jobs(ageing.py)
    assert ids(scoring_jobs(lambda: run(mini(), [Float(), Qat(4)]))) < ids(jobs)
    programmed = [job for job in jobs if isinstance(job, ProgramDeviceJob)]
    assert Counter(job.spec.hardware.age_s for job in programmed) == dict.fromkeys((0, 3600, 86_400, 2_592_000), 3)
    assert {job.spec.hardware.drift for job in programmed} == {ageing.DRIFT}


def test_sizes_that_share_a_budget_take_nearly_equal_crossbars():
    from memristor_sim.cost import model_costs
    from recipe.quantization.build_model import build_model

    specs = {job.spec for job in scoring_jobs(crossbar_budget.py) if isinstance(job, ProgramDeviceJob)}
    assert len(specs) == 8
    counted = [model_costs(build_model(spec.model, spec.quantization), spec.hardware)[-1].crossbars for spec in specs]
    assert set(counted) == {456, 432}


def test_a_mixture_of_bits_reaches_the_layers_that_its_patterns_name():
    jobs = scoring_jobs(mixed_precision.py)
    mixed = [job.spec.quantization for job in jobs if isinstance(job, ProgramDeviceJob)]
    assert len(set(mixed)) == 1
    assert mixed[0].weight_bits_of("blocks.1.feed_forward2.linear_in") == 4
    assert mixed[0].weight_bits_of("blocks.1.attention.qkv") == 8
    assert kinds(ids(jobs) - jobs_of([Float(), Qat(8), Qat(4)], mini()))["ReturnnTrainingJob"] == 1


def test_layouts_of_blocks_take_the_crossbars_of_the_uniform_width_between_theirs():
    from recipe.report.states import crossbar_costs

    jobs = scoring_jobs(mixed_tiles.py)
    specs = {job.spec for job in jobs if isinstance(job, ProgramDeviceJob)}
    assert len(specs) == 4
    assert len({crossbar_costs(spec)["crossbars"] for spec in specs}) == 1


def test_sub_word_labels_size_the_model_and_share_corpus_and_features_with_phonemes():
    jobs = scoring_jobs(sentencepiece.py)
    emissions = [job for job in jobs if isinstance(job, EmissionsJob)]
    assert {job.spec.model.num_outputs for job in emissions} == {60 + 1}
    assert {job.spec.model for job in emissions} == {job.model for job in jobs if isinstance(job, ReturnnTrainingJob)}
    phonemes = jobs_of([Float()], mini())
    assert not {"SegmentCorpusJob", "LogMelJob", "NgramJob"} & set(kinds(ids(jobs) - phonemes))


def test_each_published_choice_has_a_row_of_its_own_that_differs_in_that_choice_alone():
    jobs = scoring_jobs(published_choices.py)
    specs = {job.spec for job in jobs if isinstance(job, EmissionsJob)}
    published = QuantizationConfig(weight_bits=4)
    assert {spec.quantization for spec in specs if spec.hardware is None} == {
        None,
        published,
        replace(published, attention_operand_bits=8),
        replace(published, attention_dropout=True),
        replace(published, quantize_depthwise=False),
    }
    assert {spec.hardware for spec in specs} == {None, physical(), physical(digital_bias=False)}
    assert {spec.quantization for spec in specs if spec.hardware is not None} == {published}
    assert kinds(ids(jobs))["ReturnnTrainingJob"] == 1 + 3  # float, and QAT thrice
    assert kinds(ids(jobs))["CalibrateJob"] == 2
    assert all(spec.model.attention_dropout > 0 for spec in specs)  # or its choice would change nothing


def test_a_model_that_starts_or_learns_from_another_stands_on_its_training():
    experiment = Experiment(tiny())
    whole = Qat(3, {"weight_range": Lsq()}, start=Float(), distil=Distil(), noise=DeviceNoise(), fine_tune=0.2)
    plain = replace(whole, noise=None, fine_tune=None)
    tuned, before, floats = (experiment.training(system) for system in (whole, plain, Float()))
    assert (tuned.start, tuned.teacher) == (before.out_checkpoint, floats.out_checkpoint)
    assert (before.start, before.teacher, before.noise) == (floats.out_checkpoint, floats.out_checkpoint, None)
    assert tuned.noise == DeviceNoise() and tuned.distil == Distil()
    schedule, usual = tuned.training.schedule, before.training.schedule
    assert schedule.num_sub_epochs < usual.num_sub_epochs / 4 and schedule.peak == usual.peak / 5
    device = device_of(whole, 1, physical())
    assert experiment.model(device).checkpoint.creator.checkpoint == tuned.out_checkpoint
    added = jobs_of([whole, device]) - jobs_of([Float()])
    assert not added & jobs_of([Qat(3), Memristor(3, 1, physical())])


def test_levers_of_training_are_rows_beside_the_published_ones():
    usual, levers = jobs_of([Float(), Qat(3)], mini()), ids(scoring_jobs(three_bit.py))
    assert usual <= levers  # no job that is there runs again
    assert kinds(levers)["ReturnnTrainingJob"] == 1 + len(three_bit.levers()) + 4


@pytest.mark.parametrize("seed", [0, 2])
def test_a_training_seed_is_that_of_the_training_and_of_all_that_is_made_of_it(seed):
    experiment = Experiment(tiny())
    systems = [
        Float,
        lambda **of: Ptq(3, **of),
        lambda **of: Qat(3, **of),
        lambda **of: Memristor(3, 1, physical(), **of),
    ]
    for system in systems:
        seeded, usual = system(training_seed=seed), system()
        training = experiment.training(seeded)
        assert training.training == replace(experiment.training(usual).training, seed=seed)
        assert training is experiment.training(seeded.trained) and training is not experiment.training(usual)
        assert experiment.prior(seeded).creator.checkpoint == training.out_checkpoint
        assert seeded.row == usual.row
        made = {job for job in ancestors([experiment.model(seeded).checkpoint]) if isinstance(job, ReturnnTrainingJob)}
        assert made == {training}
        assert not jobs_of([usual]) & jobs_of([seeded]) & {training.job_id()}
    device = Memristor(3, 1, physical(), training_seed=seed)
    assert device.digital == device.tuned_by(mini()) == Qat(3, training_seed=seed)
    assert device.digital == device.tuned_near(with_devices("walk"))


def test_the_setups_own_seed_under_a_second_name_is_refused():
    with pytest.raises(InputError, match="qat-3.seed-42 would be the training with the setup's own seed"):
        Experiment(tiny()).training(Qat(3, training_seed=42))


def test_devices_are_compared_with_their_digital_model_at_the_fixed_scales():
    systems = [Float(), Ptq(3), Qat(4), Qat(3), Qat(3, training_seed=2), Memristor(3, 1, physical())]
    systems += [Memristor(3, 2, physical()), Memristor(3, 1, physical(), training_seed=2), Memristor(6, 1, physical())]
    experiment = run(tiny(), systems)
    models = devices_models(experiment.systems)
    assert models == [Qat(3), Qat(3, training_seed=2)]  # 4 bit has no device, and 6 bit is no row
    for model in models:
        for one, part in zip(experiment.scores_at_fixed(model), ("dev", "test"), strict=True):
            assert (one.system, one.part, one.scale_mode) == (model, part, "fixed")
            device = next(s for s in systems if s.kind == "memristor" and s.digital == model)
            search = one.score.creator.hypotheses.creator
            other = experiment.score(device, LAST_CHECKPOINT, part, "fixed").score.creator.hypotheses.creator
            assert (search.lm_scale, search.prior_scale) == (other.lm_scale, other.prior_scale) == (2.0, 0.5)
            assert search.segments == other.segments == experiment.data.segments[part]
            assert search.files.emissions == experiment.emissions(model).out_emissions


@pytest.mark.parametrize("system", [Float(), Ptq(3), Qat(3), Memristor(3, 7, physical())])
def test_samples_are_searched_again_with_what_was_searched_first(system):
    setup = replace(tiny(), search_errors=SearchErrorSample(digital_segments=9, device_segments=4, factor=3))
    experiment = Experiment(setup)
    found = experiment.search_errors(system, system.scale_modes)
    assert len(found) == 2 * len(system.scale_modes)
    job = next(iter(found.values())).creator
    device = system.kind == "memristor"
    assert (job.num_segments, job.factor, job.shift) == ((4, 3, 7) if device else (9, 3, 0))
    assert job.search == setup.search and job.files == experiment.search_files(system, LAST_CHECKPOINT)
    for part in ("dev", "test"):
        for mode in system.scale_modes:
            scored = experiment.score(system, LAST_CHECKPOINT, part, mode)
            again = job.searches[f"{part}.{mode}"]
            assert found[scored.name] == job.out_search_errors[f"{part}.{mode}"]
            assert again.hypotheses == scored.score.creator.hypotheses
            assert again.segments == scored.score.creator.segments == experiment.data.segments[part]
            assert (again.lm_scale, again.prior_scale) == (scored.lm_scale, scored.prior_scale)


def test_every_row_of_the_papers_tables_has_its_search_errors():
    tables = next(path.creator for name, path in outputs_of(paper_tables.py) if name == "tables/table2.md")
    assert set(tables.search_errors) == {one.name for one in tables.scored}
    assert {name.split(" ")[0] for name in tables.search_errors if "fixed" in name} >= {"qat-8", "qat-3"}


def test_the_page_of_utterances_shows_a_device_of_every_row_and_searches_nothing_for_it():
    page = next(path.creator for name, path in outputs_of(paper_tables.py) if name == "utterances.html")
    assert ancestors(page._sis_inputs) <= scoring_jobs(paper_tables.py)
    assert page.comparisons[0].title == "3 bit, physical, device 1, tuned scales"  # the row that is wanted first
    rows = {(width, preset) for width in (8, 6, 5, 4, 3) for preset in ("physical", "paper")}
    assert len({one.title for one in page.comparisons}) == len(rows) and len(page.comparisons) == 2 * len(rows)
    assert page.audio_root is not None


def test_a_setup_may_search_nothing_again_and_its_scores_stay():
    without = replace(tiny(), search_errors=None)
    assert Experiment(without).search_errors(Float(), ("tuned",)) == {}
    assert jobs_of([Float(), Qat(3)], without) == jobs_of([Float(), Qat(3)])


def test_trainings_of_all_widths_bring_their_devices_and_leave_the_papers_rows_alone():
    before, after = ids(scoring_jobs(paper_tables.py)), ids(scoring_jobs(training_seeds.py))
    added = kinds(after - before)
    assert added["ReturnnTrainingJob"] == 2 * 7 and added["CalibrateJob"] == 2 * 6
    assert added["ProgramDeviceJob"] == 2 * 3 * 2 * 2  # trainings, widths, presets, devices
    assert "ReturnnTrainingJob" not in kinds(before - after)


def test_a_measured_spread_of_trainings_enters_the_tables_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(run_module, "RESULTS", tmp_path)
    systems = [Float(), Qat(3)]
    before = {job.job_id() for job in ancestors(path for _, path in registered(tiny(), systems))}
    (tmp_path / "training_spread.mini.csv").write_text("of another setup")
    assert {job.job_id() for job in ancestors(path for _, path in registered(tiny(), systems))} == before
    (tmp_path / "training_spread.tiny.csv").write_text("measured")
    after = {job.job_id() for job in ancestors(path for _, path in registered(tiny(), systems))}
    assert kinds(after - before) == {"TablesJob": 1, "HtmlReportJob": 1}


def test_a_graph_looks_at_the_clipping_of_its_devices(monkeypatch):
    looked_at = []
    monkeypatch.setattr(run_module, "register_clip_warnings", looked_at.extend)
    devices = [Memristor(3, seed, physical()) for seed in (1, 2)]
    registered(tiny(), [Float(), Qat(3), *devices])
    assert [one.system for one in looked_at] == devices


@pytest.mark.parametrize("graph", EXTENSIONS)
def test_an_extension_takes_at_most_fifteen_lines(graph):
    assert len((ROOT / "config" / f"{graph}.py").read_text().splitlines()) <= 15


def test_each_score_carries_the_verdict_on_its_training():
    experiment = Experiment(tiny())
    of_float, of_qat = (experiment.training(system) for system in (Float(), Qat(3)))
    assert (of_float.name, of_qat.name) == ("tiny/training/float", "tiny/training/qat-3")
    for system, training in ((Float(), of_float), (Ptq(3), of_float), (Qat(3), of_qat), (bits(3)[2], of_qat)):
        assert {scored.learned for scored in experiment.scores(system)} == {training.out_learned}


def test_a_least_number_of_updates_becomes_the_schedule_of_the_corpus():
    """The ids are those of the same schedule written by hand; a corpus large enough keeps its own."""
    setup = tiny()
    enough = replace(setup.training, min_updates=1)
    hours = setup.corpus.hours(setup.corpus.parts.train)
    twice = round(2 * setup.training.updates(hours))
    more = replace(setup.training, min_updates=twice)
    written = more.for_audio(hours)
    assert written.updates(hours) >= twice > setup.training.updates(hours)
    usual, same, longer, by_hand = (
        Experiment(replace(setup, training=training)).training(Float())
        for training in (setup.training, enough, more, written)
    )
    assert usual.job_id() == same.job_id() != longer.job_id() == by_hand.job_id()
    assert longer.training == written
    qat = Experiment(replace(setup, qat_training=more)).training(Qat(3))
    assert qat.training.schedule == written.schedule


def test_a_small_corpus_gets_the_updates_of_mini():
    small, usual = (Experiment(setup) for setup in (small_corpus(), mini()))
    for system in (Float(), Qat(3)):
        lengths = []
        for experiment in (small, usual):
            job = experiment.training(system)
            lengths.append(job.training.updates(experiment.audio_h[job]))
        assert lengths == [pytest.approx(2880), 2880]
    assert small.data.hours["train"] == pytest.approx(1 / 3)


LONG = ("LogMelJob", "NgramJob", "SourceModelJob", "ReturnnTrainingJob")


@pytest.mark.parametrize(
    "setup", [tiny(), replace(tiny(), lm=MixtureConfig()), tedlium2()], ids=["tiny", "mixture", "2"]
)
def test_everything_long_waits_for_the_corpus_report_which_waits_for_none_of_it(setup):
    experiment = Experiment(setup)
    jobs = ancestors(scored.score for scored in experiment.scores(Qat(3)))

    def after_report(paths):
        return any(type(path.creator).__name__ == "CorpusReportJob" for path in paths)

    waiting = {type(job).__name__ for job in jobs if after_report(job._sis_inputs)}
    assert waiting == set(LONG) & {type(job).__name__ for job in jobs}
    assert not set(LONG) & {type(job).__name__ for job in ancestors([experiment.data.corpus_report])}
    assert not any(after_report(job.deciding_inputs()) for job in jobs)


def test_limits_of_the_corpus_report_move_no_id_but_its_own():
    before = jobs_of([Float()])
    after = jobs_of([Float()], replace(tiny(), corpus_limits=CorpusLimits(markers=Limit(stop=50))))
    assert kinds(before - after).keys() | kinds(after - before).keys() <= {"CorpusReportJob"}


def test_words_with_a_pronunciation_by_g2p_may_enter_the_search_lexicon():
    usual, wider = (Experiment(replace(tiny(), search_lexicon=name)).data for name in ("dictionary", "dictionary+g2p"))
    assert usual.lexicon != wider.lexicon and usual.training_targets == wider.training_targets
    assert usual.lm == wider.lm and usual.features == wider.features
    assert {type(job).__name__ for job in ancestors([wider.lexicon])} >= {"ApplyG2PJob", "TrainG2PJob"}
    assert "ApplyG2PJob" not in {type(job).__name__ for job in ancestors([usual.lexicon])}
    with pytest.raises(InputError, match="search_lexicon is 'g2p'; give 'dictionary' or 'dictionary.g2p'"):
        replace(tiny(), search_lexicon="g2p")


def test_a_text_rule_reaches_transcripts_dictionary_and_lm_texts():
    rule = TextRule(lower_case=True, apostrophes="split")
    setup = replace(tiny(), corpus=replace(tiny().corpus, stm_rules=StmRules(text=rule)))
    jobs = ancestors([Experiment(setup).data.lm, Experiment(setup).data.lexicon])
    ruled = {type(job).__name__: job for job in jobs}
    assert ruled["ReadDictionaryJob"].text_rule == ruled["LmTextJob"].text_rule == rule
    assert ruled["SegmentCorpusJob"].rules.text == rule


def test_other_code_of_the_corpus_report_makes_the_page_outdated_and_nothing_long():
    jobs = ancestors(path for _, path in registered(tiny(), [Float(), Qat(3)]))
    changed = {job: ("recipe/x.py",) if type(job).__name__ == "CorpusReportJob" else () for job in jobs}
    assert {type(job).__name__ for job in dependents(changed, jobs)} == {"HtmlReportJob"}
