"""A whole graph: all systems scored, and everything that people look at registered as an output."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sisyphus import tk

from recipe.graph.experiment import Experiment
from recipe.graph.order import in_order, put_in_order
from recipe.hardware.jobs import CellTransferJob
from recipe.report.clip_warnings import register_clip_warnings
from recipe.report.comparison import Comparison
from recipe.report.growing import GrowingReport
from recipe.report.inputs import HardwareRun, document, first_of_rows
from recipe.report.outputs import register_report
from recipe.report.utterance_jobs import UtterancesPageJob
from recipe.setup import Setup
from recipe.systems import Memristor, System, is_device
from recipe.training.checkpoints import LAST_CHECKPOINT

DOCS = Path(__file__).resolve().parents[2] / "docs"
DEVIATIONS = DOCS / "deviations.md"
RESULTS = DOCS / "results"


def run(setup: Setup, systems: Iterable[System], first: Sequence[System] = (), *, report: bool = True) -> Experiment:
    """Score the systems, in this order, and report them. Entry points return what this returns.

    :param first: those whose scores are wanted before all others; the order of tables is that of `systems` all the same
    :param report: False for scores alone: tables and page have one place, so that one setup of a graph can have them
    :raises InputError: when `first` names a system that is not among the systems
    """
    experiment = Experiment(setup)
    experiment.systems = list(systems)
    wanted = in_order(experiment.systems, first)
    put_in_order([one.score for one in experiment.scores(system)] for system in wanted)
    scored = [result for system in experiment.systems for result in experiment.scores(system)]
    if not report:
        return experiment
    models = devices_models(experiment.systems)
    trained = dict.fromkeys(system.trained for system in experiment.systems)
    runs = [hardware_run(experiment, system) for system in experiment.systems if is_device(system)]
    page = register_report(
        setup.name,
        scored,
        {system.name: experiment.training(system).out_learning_curve for system in trained},
        runs,
        CellTransferJob(setup.table1_cells).out_rows,
        [document(str(DEVIATIONS))],
        training_spread=training_spread(setup.name),
        beside=[result for system in models for result in experiment.scores_at_fixed(system)],
        search_errors=search_errors(experiment, models),
        corpus_report=experiment.data.corpus_report,
        works=[(run.bits, run.system.condition, experiment.energy(run.system).out_work) for run in first_of_rows(runs)],
        utterances=utterances_page(experiment, wanted),
    )
    register_clip_warnings(runs)
    GrowingReport(setup.name, [one for system in wanted for one in experiment.scores(system)], page).register()
    return experiment


def training_spread(setup_name: str) -> tk.Path | None:
    """How far trainings of this setup differ, if that has been measured."""
    path = RESULTS / f"training_spread.{setup_name}.csv"
    return document(str(path)) if path.exists() else None


def devices_models(systems: Iterable[System]) -> list[System]:
    """The digital models of devices that are among the systems themselves, each once."""
    systems = list(systems)
    return list(dict.fromkeys(one.digital for one in systems if is_device(one) and one.digital in systems))


def utterances_page(experiment: Experiment, wanted: Iterable[System]) -> tk.Path | None:
    """The first device of each row beside its digital model, word by word; None without a device of a scored model."""
    first: dict[tuple, Memristor] = {}
    for system in wanted:
        if is_device(system) and system.digital in experiment.systems:
            first.setdefault((system.digital, system.condition), system)
    data = experiment.data
    comparisons = [
        Comparison(
            title=_title(device, mode),
            part=part,
            digital=experiment.hypotheses(device.digital, LAST_CHECKPOINT, part, mode),
            device=experiment.hypotheses(device, LAST_CHECKPOINT, part, mode),
        )
        for device in first.values()
        for part in experiment.parts.evaluated
        for mode in device.scale_modes[:1]
    ]
    if not comparisons:
        return None
    segments = {part: data.segments[part] for part in experiment.parts.evaluated}
    return UtterancesPageJob(comparisons, experiment.setup.name, segments, data.audio_root).out_page


def _title(device: Memristor, mode: str) -> str:
    seed = "" if device.training_seed is None else f"training {device.training_seed}, "
    return f"{device.row} bit, {device.condition}, {seed}device {device.device_seed}, {mode} scales"


def search_errors(experiment: Experiment, models: Iterable[System]) -> dict[str, tk.Path]:
    """What the search missed, by the name of each scored system.

    :param models: those that are scored at fixed scales as well, as their devices are
    """
    found = [experiment.search_errors(system, system.scale_modes) for system in experiment.systems]
    found += [experiment.search_errors(model, ("fixed",)) for model in models]
    return {name: path for errors in found for name, path in errors.items()}


def hardware_run(experiment: Experiment, system: Memristor) -> HardwareRun:
    """A device with the artefacts that the report shows."""
    model, clip_rates = experiment.model(system), experiment.emissions(system).out_clip_rates
    assert clip_rates is not None  # devices have converters
    return HardwareRun(
        system=system,
        spec=model.spec,
        digital=experiment.model(system.digital).checkpoint,
        programmed=model.checkpoint,
        clip_rates=clip_rates,
    )
