"""Wires the jobs into a graph from a Setup and a list of systems. No numbers are decided here: they are all values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sisyphus import tk

from recipe.corpus.audio_jobs import stored_audio
from recipe.corpus.jobs import SampleSegmentsJob, SegmentCorpusJob, checked_segments, corpus_root
from recipe.decoding.forward_jobs import EmissionsJob, PriorJob
from recipe.decoding.jobs import SearchJob, TuneScalesJob
from recipe.errors import InputError
from recipe.features.jobs import LogMelJob
from recipe.hardware.jobs import CellTransferJob, ProgramDeviceJob
from recipe.hardware.spec import ModelSpec
from recipe.lexicon.graph import build_lexicon
from recipe.lm.graph import build_lm
from recipe.lm.jobs import PerplexityJob
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.jobs import CalibrateJob
from recipe.report.config import HardwareRun, ScoredSystem, document
from recipe.report.outputs import register_report
from recipe.scoring.jobs import BestOnDevJob, ScoreJob
from recipe.setup import Setup
from recipe.systems import Float, Memristor, Ptq, Qat, System
from recipe.training.checkpoints import Checkpoint, LastCheckpoint
from recipe.training.jobs import AverageCheckpointsJob, ReturnnTrainingJob

EVALUATED = ("dev", "test")
LAST = LastCheckpoint()
DEVIATIONS = Path(__file__).resolve().parents[1] / "docs" / "deviations.md"


@dataclass(frozen=True, kw_only=True)
class Data:
    """What every system shares: segments and log-mel features per part, targets, lexicon, language model.

    `training_features` holds those of train at every speed.
    """

    segments: dict[str, tk.Path]
    features: dict[str, list[tk.Path]]
    training_features: list[tk.Path]
    targets: dict[str, tk.Path]
    labels: tk.Path
    lexicon: tk.Path
    lm: tk.Path


def prepare_data(setup: Setup) -> Data:
    """Corpus, lexicon, language model and features (paper_setup sections 1-4)."""
    root = corpus_root(setup.corpus)
    parts = {
        part: SegmentCorpusJob(root, part, setup.padding if part == "train" else None, setup.stm_rules)
        for part in ("train", *EVALUATED)
    }
    segments = {part: checked_segments(setup.corpus, root, part, job.out_segments) for part, job in parts.items()}

    watched = segments["dev"]
    if setup.training_dev_segments is not None:
        watched = SampleSegmentsJob(watched, setup.training_dev_segments).out_segments

    lexicon = build_lexicon(root, parts["train"].out_text, setup.labels)

    texts = {part: job.out_text for part, job in parts.items()}
    lm = build_lm(setup.lm, root, texts, lexicon.vocabulary, setup.resources.language_model)
    for name, path in lm.reports.items():
        tk.register_output(f"{setup.name}/{name}", path)
    for part in EVALUATED:
        perplexity = PerplexityJob(lm.binary, texts[part]).out_perplexity
        tk.register_output(f"{setup.name}/perplexity.{part}", perplexity)
        tk.register_output(f"{setup.name}/corpus.{part}.json", parts[part].out_statistics)
    tk.register_output(f"{setup.name}/corpus.train.json", parts["train"].out_statistics)

    def features(part: str, speed_factor: float = 1.0) -> list[tk.Path]:
        audio = stored_audio(root, segments[part], setup.audio, setup.feature_parts)
        return LogMelJob(*audio, setup.features, setup.feature_parts, speed_factor).out_hdfs

    return Data(
        segments=segments,
        features={part: features(part) for part in segments},
        training_features=[hdf for factor in setup.speed_factors for hdf in features("train", factor)],
        targets={
            "train": lexicon.targets(segments["train"]).out_hdf,
            "dev": lexicon.targets(watched, skip_unknown=True).out_hdf,
        },
        labels=lexicon.labels,
        lexicon=lexicon.decoder_lexicon,
        lm=lm.binary,
    )


def training(setup: Setup, data: Data, quantization: QuantizationConfig | None) -> ReturnnTrainingJob:
    """The training of the float model, or of a QAT model."""
    schedule = setup.training if quantization is None else setup.qat_training
    job = ReturnnTrainingJob(
        setup.model,
        quantization,
        schedule,
        data.training_features,
        data.targets["train"],
        data.features["dev"],
        data.targets["dev"],
        setup.training_processes,
    )
    job.set_rqmt("run", setup.resources.training)
    return job


def with_bits(quantization: QuantizationConfig, system: Ptq | Qat) -> QuantizationConfig:
    """The setup's choices with the system's bits, and its changes if it has some."""
    return replace(quantization, weight_bits=system.weight_bits, **dict(getattr(system, "changes", ())))


def trained_system(system: System) -> Float | Qat:
    """The system whose training `system` stands on."""
    if isinstance(system, Memristor):
        return system.digital
    return system if isinstance(system, Qat) else Float()


def checkpoint_of(job: ReturnnTrainingJob, checkpoint: Checkpoint) -> tk.Path:
    """The file of one checkpoint. InputError when the training does not keep as many."""
    if checkpoint == LAST:
        return job.out_checkpoint
    best = job.out_best_checkpoints[: checkpoint.number]
    if len(best) < checkpoint.number:
        raise InputError(
            f"the setup asks for the {checkpoint.number} best checkpoints, training keeps {len(best)}; "
            "raise TrainingConfig.keep_best"
        )
    return best[0] if checkpoint.number == 1 else AverageCheckpointsJob(best).out_checkpoint


def digital_model(
    setup: Setup, data: Data, system: Float | Ptq | Qat, checkpoint: Checkpoint = LAST
) -> tuple[ModelSpec, tk.Path]:
    """The model of a digital system: what to build and which checkpoint to load."""
    if isinstance(system, Qat):
        quantization = with_bits(setup.qat, system)
        job = training(setup, data, quantization)
        job.add_alias(f"{setup.name}/training/{system.name}")
        return ModelSpec(model=setup.model, quantization=quantization), checkpoint_of(job, checkpoint)
    job = training(setup, data, None)
    job.add_alias(f"{setup.name}/training/float")
    spec = ModelSpec(model=setup.model)
    if isinstance(system, Float):
        return spec, checkpoint_of(job, checkpoint)
    quantization = with_bits(setup.ptq, system)
    calibrated = CalibrateJob(
        setup.model,
        quantization,
        job.out_checkpoint,
        data.features["train"],
        setup.calibration.num_utterances,
        setup.calibration.seed,
    )
    calibrated.add_alias(f"{setup.name}/calibration/{system.name}")
    return replace(spec, quantization=quantization), calibrated.out_checkpoint


def model_of(setup: Setup, data: Data, system: System, checkpoint: Checkpoint = LAST) -> tuple[ModelSpec, tk.Path]:
    """What to build and which checkpoint to load for any system."""
    if not isinstance(system, Memristor):
        return digital_model(setup, data, system, checkpoint)
    spec, checkpoint = digital_model(setup, data, system.digital)
    spec = replace(spec, hardware=system.hardware)
    job = ProgramDeviceJob(spec, checkpoint, system.device_seed)
    job.set_rqmt("run", setup.resources.programming)
    job.add_alias(f"{setup.name}/program/{system.name}")
    return spec, job.out_checkpoint


def prior_of(setup: Setup, data: Data, system: System, checkpoint: Checkpoint = LAST) -> tk.Path:
    """The label prior of the trained digital model: PTQ takes the float model's, a device its QAT model's."""
    spec, path = digital_model(setup, data, trained_system(system), checkpoint)
    job = PriorJob(spec, path, data.features["train"], setup.forward_batch_s)
    job.set_rqmt("run", setup.resources.forward)
    return job.out_prior


def emissions_of(setup: Setup, data: Data, system: System, checkpoint: Checkpoint) -> list[tk.Path]:
    """Log posteriors of dev and test in one pass."""
    spec, path = model_of(setup, data, system, checkpoint)
    features = [path for part in EVALUATED for path in data.features[part]]
    seed = system.device_seed if isinstance(system, Memristor) else 0
    job = EmissionsJob(spec, path, features, setup.forward_batch_s, read_noise_seed=seed)
    job.set_rqmt("run", setup.resources.forward)
    job.add_alias(f"{setup.name}/emissions/{name_of(setup, system, checkpoint)}")
    return job.out_emissions


def recognise(setup: Setup, data: Data, system: System) -> list[ScoredSystem]:
    """Search and score a system on dev and test, with each checkpoint that the setup tries; the best on dev counts."""
    checkpoints = setup.checkpoints if isinstance(system, Float | Qat) else (LAST,)
    if len(checkpoints) == 1:
        return recognise_with(setup, data, system, checkpoints[0])
    tried = {checkpoint.name: recognise_with(setup, data, system, checkpoint) for checkpoint in checkpoints}
    return [best_on_dev(setup, system, part, tried) for part in EVALUATED]


def name_of(setup: Setup, system: System, checkpoint: Checkpoint) -> str:
    """What a system with one checkpoint is called in aliases and outputs."""
    only = len(setup.checkpoints) == 1 or not isinstance(system, Float | Qat)
    return system.name if only else f"{system.name}/{checkpoint.name}"


def recognise_with(setup: Setup, data: Data, system: System, checkpoint: Checkpoint) -> list[ScoredSystem]:
    """Search and score one checkpoint of a system on dev and test.

    Scales are tuned on dev, nothing on test. Memristor rows are searched twice: tuned, and with the paper's fixed pair.
    """
    tuning = tuning_of(setup, data, system, checkpoint)
    scales = {"tuned": (tuning.out_lm_scale, tuning.out_prior_scale)}
    if isinstance(system, Memristor):
        scales["fixed"] = (setup.scales.fixed_lm_scale, setup.scales.fixed_prior_scale)
    name = name_of(setup, system, checkpoint)
    inputs = search_inputs(setup, data, system, checkpoint)
    results = []
    for part in EVALUATED:
        for kind, pair in scales.items():
            # tuning searched dev at the scales it found
            job = tuning if (part, kind) == ("dev", "tuned") else search(setup, data, part, pair, inputs)
            job.add_alias(f"{setup.name}/search/{name}/{part}.{kind}")
            results.append(score(setup, data, system, name, part, kind, pair, job.out_hypotheses))
    return results


def search_inputs(setup: Setup, data: Data, system: System, checkpoint: Checkpoint) -> dict:
    """What tuning and search of a system have in common."""
    return {
        "emissions": emissions_of(setup, data, system, checkpoint),
        "prior": prior_of(setup, data, system, checkpoint),
        "lexicon": data.lexicon,
        "labels": data.labels,
        "lm": data.lm,
        "search": setup.search,
    }


def tuning_of(setup: Setup, data: Data, system: System, checkpoint: Checkpoint) -> TuneScalesJob:
    """The scales of a system on dev; those of a device are looked for around its digital model's, if the setup says."""
    grid = setup.ptq_scales if isinstance(system, Ptq) and setup.ptq_scales else setup.scales
    walk_from = None
    if isinstance(system, Memristor) and grid.devices_walk:
        digital = tuning_of(setup, data, system.digital, LAST)
        walk_from = (digital.out_lm_scale, digital.out_prior_scale)
    tuning = TuneScalesJob(
        segments=data.segments["dev"],
        lm_scales=list(grid.lm_scales),
        prior_scales=list(grid.prior_scales),
        walk_from=walk_from,
        **search_inputs(setup, data, system, checkpoint),
    )
    tuning.set_rqmt("tune", setup.resources.search)
    tuning.add_alias(f"{setup.name}/scales/{name_of(setup, system, checkpoint)}")
    return tuning


def search(setup: Setup, data: Data, part: str, scales: tuple, inputs: dict) -> SearchJob:
    """One part at one pair of LM and prior scale."""
    lm_scale, prior_scale = scales
    job = SearchJob(segments=data.segments[part], lm_scale=lm_scale, prior_scale=prior_scale, **inputs)
    job.set_rqmt("run", setup.resources.search)
    return job


def score(
    setup: Setup, data: Data, system: System, name: str, part: str, kind: str, scales: tuple, hypotheses: tk.Path
) -> ScoredSystem:
    """What was recognised in one part, scored."""
    scored = ScoreJob(hypotheses, data.segments[part])
    tk.register_output(f"{setup.name}/scores/{name}/{part}.{kind}.json", scored.out_score)
    return ScoredSystem(
        system=system,
        part=part,
        scales=kind,
        score=scored.out_score,
        utterances=scored.out_utterances,
        lm_scale=scales[0],
        prior_scale=scales[1],
    )


def best_on_dev(setup: Setup, system: System, part: str, tried: dict[str, list[ScoredSystem]]) -> ScoredSystem:
    """The results on `part` of the checkpoint with the fewest errors on dev."""
    results = {name: {s.part: s for s in scored} for name, scored in tried.items()}
    chosen = [result[part] for result in results.values()]
    best = BestOnDevJob(
        names=list(results),
        dev_scores=[result["dev"].score for result in results.values()],
        scores=[s.score for s in chosen],
        utterances=[s.utterances for s in chosen],
        lm_scales=[s.lm_scale for s in chosen],
        prior_scales=[s.prior_scale for s in chosen],
    )
    tk.register_output(f"{setup.name}/scores/{system.name}/{part}.tuned.json", best.out_score)
    tk.register_output(f"{setup.name}/scores/{system.name}/{part}.checkpoint", best.out_name)
    return replace(
        chosen[0],
        score=best.out_score,
        utterances=best.out_utterances,
        lm_scale=best.out_lm_scale,
        prior_scale=best.out_prior_scale,
    )


def run(setup: Setup, systems: Iterable[System]) -> list[ScoredSystem]:
    """The whole graph: register every artefact that people look at, return the scored systems."""
    systems = list(systems)
    data = prepare_data(setup)
    scored = [result for system in systems for result in recognise(setup, data, system)]
    report(setup, data, systems, scored)
    return scored


def learning_curves(setup: Setup, data: Data, systems: Iterable[System]) -> dict[str, tk.Path]:
    """The curve of every training that the systems stand on, by its name."""
    trained = dict.fromkeys(map(trained_system, systems))
    quantizations = {s.name: with_bits(setup.qat, s) if isinstance(s, Qat) else None for s in trained}
    return {name: training(setup, data, q).out_learning_curve for name, q in quantizations.items()}


def report(setup: Setup, data: Data, systems: Iterable[System], scored: list[ScoredSystem]) -> None:
    """Tables, plots and the page that holds them all, under output/."""
    register_report(
        setup.name,
        scored,
        learning_curves(setup, data, systems),
        [hardware_run(setup, data, system) for system in systems if isinstance(system, Memristor)],
        CellTransferJob(setup.table1_cells).out_rows,
        [document(str(DEVIATIONS))],
    )


def hardware_run(setup: Setup, data: Data, system: Memristor) -> HardwareRun:
    """A device with the artefacts that the report looks at."""
    job = emissions_of(setup, data, system, LAST)[0].creator
    return HardwareRun(
        system=system,
        spec=job.spec,
        digital=job.checkpoint.creator.checkpoint,
        programmed=job.checkpoint,
        clip_rates=job.out_clip_rates,
    )
