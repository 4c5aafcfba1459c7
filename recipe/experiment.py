"""Wires the jobs into a graph from a Setup and a list of systems. No numbers are decided here: they are all values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sisyphus import tk

from recipe.corpus.jobs import SampleSegmentsJob, SegmentCorpusJob, corpus_root
from recipe.decoding.forward_jobs import EmissionsJob, PriorJob
from recipe.decoding.jobs import SearchJob, TuneScalesJob
from recipe.features.jobs import LogMelJob
from recipe.hardware.jobs import CellTransferJob, ProgramDeviceJob
from recipe.hardware.spec import ModelSpec
from recipe.lexicon.graph import build_lexicon
from recipe.lm.jobs import KenLmBinaryJob, LmTextJob, NgramJob, PerplexityJob
from recipe.quantization.config import QuantizationConfig
from recipe.quantization.jobs import CalibrateJob
from recipe.report.config import ScoredSystem, document
from recipe.report.jobs import HtmlReportJob, LearningCurvesJob, TablesJob, WerPlotJob
from recipe.scoring.jobs import ScoreJob
from recipe.setup import Setup
from recipe.systems import Float, Memristor, Ptq, Qat, System
from recipe.training.jobs import ReturnnTrainingJob

EVALUATED = ("dev", "test")
DEVIATIONS = Path(__file__).resolve().parents[1] / "docs" / "deviations.md"


@dataclass(frozen=True, kw_only=True)
class Data:
    """What every system shares: segments and log-mel features per part, targets, lexicon, language model."""

    segments: dict[str, tk.Path]
    features: dict[str, list[tk.Path]]
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
    segments = {part: job.out_segments for part, job in parts.items()}

    watched = segments["dev"]
    if setup.training_dev_segments is not None:
        watched = SampleSegmentsJob(watched, setup.training_dev_segments).out_segments

    lexicon = build_lexicon(root, parts["train"].out_text, setup.labels)

    text = LmTextJob([root.join_right("LM")], [parts["train"].out_text]).out_text
    ngram = NgramJob(text, setup.lm, lexicon.vocabulary)
    ngram.rqmt = setup.resources.language_model  # lmplz sorts within its memory
    binary = KenLmBinaryJob(ngram.out_arpa).out_binary
    for part in EVALUATED:
        perplexity = PerplexityJob(binary, parts[part].out_text).out_perplexity
        tk.register_output(f"{setup.name}/perplexity.{part}", perplexity)
        tk.register_output(f"{setup.name}/corpus.{part}.json", parts[part].out_statistics)
    tk.register_output(f"{setup.name}/corpus.train.json", parts["train"].out_statistics)
    return Data(
        segments=segments,
        features={
            part: LogMelJob(root, path, setup.features, setup.feature_parts).out_hdfs for part, path in segments.items()
        },
        targets={
            "train": lexicon.targets(segments["train"]).out_hdf,
            "dev": lexicon.targets(watched, skip_unknown=True).out_hdf,
        },
        labels=lexicon.labels,
        lexicon=lexicon.decoder_lexicon,
        lm=binary,
    )


def training(setup: Setup, data: Data, quantization: QuantizationConfig | None) -> ReturnnTrainingJob:
    """The training of the float model, or of a QAT model."""
    schedule = setup.training if quantization is None else setup.qat_training
    job = ReturnnTrainingJob(
        setup.model,
        quantization,
        schedule,
        data.features["train"],
        data.targets["train"],
        data.features["dev"],
        data.targets["dev"],
    )
    job.set_rqmt("run", setup.resources.training)
    return job


def with_bits(quantization: QuantizationConfig, system: Ptq | Qat) -> QuantizationConfig:
    return replace(quantization, weight_bits=system.weight_bits)


def trained_system(system: System) -> Float | Qat:
    """The system whose training `system` stands on."""
    if isinstance(system, Memristor):
        return system.digital
    return system if isinstance(system, Qat) else Float()


def digital_model(setup: Setup, data: Data, system: Float | Ptq | Qat) -> tuple[ModelSpec, tk.Path]:
    """The model of a digital system: what to build and which checkpoint to load."""
    if isinstance(system, Qat):
        quantization = with_bits(setup.qat, system)
        job = training(setup, data, quantization)
        job.add_alias(f"{setup.name}/training/{system.name}")
        return ModelSpec(model=setup.model, quantization=quantization), job.out_checkpoint
    job = training(setup, data, None)
    job.add_alias(f"{setup.name}/training/float")
    spec = ModelSpec(model=setup.model)
    if isinstance(system, Float):
        return spec, job.out_checkpoint
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


def model_of(setup: Setup, data: Data, system: System) -> tuple[ModelSpec, tk.Path]:
    """What to build and which checkpoint to load for any system."""
    if not isinstance(system, Memristor):
        return digital_model(setup, data, system)
    spec, checkpoint = digital_model(setup, data, system.digital)
    spec = replace(spec, hardware=system.hardware)
    job = ProgramDeviceJob(spec, checkpoint, system.device_seed)
    job.set_rqmt("run", setup.resources.programming)
    job.add_alias(f"{setup.name}/program/{system.name}")
    return spec, job.out_checkpoint


def prior_of(setup: Setup, data: Data, system: System) -> tk.Path:
    """The label prior of the trained digital model: PTQ takes the float model's, a device its QAT model's."""
    spec, checkpoint = digital_model(setup, data, trained_system(system))
    job = PriorJob(spec, checkpoint, data.features["train"], setup.forward_batch_s)
    job.set_rqmt("run", setup.resources.forward)
    return job.out_prior


def emissions_of(setup: Setup, data: Data, system: System) -> list[tk.Path]:
    """Log posteriors of dev and test in one pass."""
    spec, checkpoint = model_of(setup, data, system)
    features = [path for part in EVALUATED for path in data.features[part]]
    seed = system.device_seed if isinstance(system, Memristor) else 0
    job = EmissionsJob(spec, checkpoint, features, setup.forward_batch_s, read_noise_seed=seed)
    job.set_rqmt("run", setup.resources.forward)
    job.add_alias(f"{setup.name}/emissions/{system.name}")
    return job.out_emissions


def recognise(setup: Setup, data: Data, system: System) -> list[ScoredSystem]:
    """Search and score a system on dev and test.

    Scales are tuned on dev, nothing on test. Memristor rows are searched twice: tuned, and with the paper's fixed pair.
    """
    inputs = {
        "emissions": emissions_of(setup, data, system),
        "prior": prior_of(setup, data, system),
        "lexicon": data.lexicon,
        "labels": data.labels,
        "lm": data.lm,
        "search": setup.search,
    }
    grid = setup.scales
    tuning = TuneScalesJob(
        segments=data.segments["dev"],
        lm_scales=list(grid.lm_scales),
        prior_scales=list(grid.prior_scales),
        **inputs,
    )
    tuning.set_rqmt("tune", setup.resources.search)
    tuning.add_alias(f"{setup.name}/scales/{system.name}")
    scales = {"tuned": (tuning.out_lm_scale, tuning.out_prior_scale)}
    if isinstance(system, Memristor):
        scales["fixed"] = (grid.fixed_lm_scale, grid.fixed_prior_scale)
    return [
        score(setup, data, system, part, kind, lm_scale, prior_scale, inputs)
        for part in EVALUATED
        for kind, (lm_scale, prior_scale) in scales.items()
    ]


def score(setup, data, system, part, kind, lm_scale, prior_scale, inputs) -> ScoredSystem:
    """One search of one part, scored."""
    search = SearchJob(segments=data.segments[part], lm_scale=lm_scale, prior_scale=prior_scale, **inputs)
    search.set_rqmt("run", setup.resources.search)
    search.add_alias(f"{setup.name}/search/{system.name}/{part}.{kind}")
    scored = ScoreJob(search.out_hypotheses, data.segments[part])
    tk.register_output(f"{setup.name}/scores/{system.name}/{part}.{kind}.json", scored.out_score)
    return ScoredSystem(
        system=system,
        part=part,
        scales=kind,
        score=scored.out_score,
        utterances=scored.out_utterances,
        lm_scale=lm_scale,
        prior_scale=prior_scale,
    )


def run(setup: Setup, systems: Iterable[System]) -> list[ScoredSystem]:
    """The whole graph: register every artefact that people look at, return the scored systems."""
    systems = list(systems)
    data = prepare_data(setup)
    scored = [result for system in systems for result in recognise(setup, data, system)]
    report(setup, scored, learning_curves(setup, data, systems))
    return scored


def learning_curves(setup: Setup, data: Data, systems: Iterable[System]) -> dict[str, tk.Path]:
    """The curve of every training that the systems stand on, by its name."""
    trained = dict.fromkeys(map(trained_system, systems))
    quantizations = {s.name: with_bits(setup.qat, s) if isinstance(s, Qat) else None for s in trained}
    return {name: training(setup, data, q).out_learning_curve for name, q in quantizations.items()}


def report(setup: Setup, scored: list[ScoredSystem], curves: dict[str, tk.Path]) -> None:
    """Tables, plots and the page that holds them all, under output/."""
    tables = TablesJob(scored, setup.name, CellTransferJob(setup.table1_cells).out_rows)
    wer, learning = WerPlotJob(scored, setup.name), LearningCurvesJob(curves)
    pictures = {
        "Word error rate against weight bits": wer.out_files["wer.svg"],
        "Learning curves": learning.out_files["learning_curves.svg"],
    }
    page = HtmlReportJob(tables.out_tables, setup.name, pictures, [document(str(DEVIATIONS))])
    tk.register_output("report.html", page.out_report)
    for folder, job in (("tables", tables), ("plots", wer), ("plots", learning)):
        for name, path in job.out_files.items():
            tk.register_output(f"{folder}/{name}", path)
