"""A whole graph: all systems scored, and everything that people look at registered as an output."""

from collections.abc import Iterable
from pathlib import Path

from recipe.graph.experiment import Experiment
from recipe.hardware.jobs import CellTransferJob
from recipe.report.inputs import HardwareRun, document
from recipe.report.outputs import register_report
from recipe.setup import Setup
from recipe.systems import Memristor, System, is_device

DEVIATIONS = Path(__file__).resolve().parents[2] / "docs" / "deviations.md"


def run(setup: Setup, systems: Iterable[System]) -> Experiment:
    """Score the systems, in this order, and report them. Entry points return what this returns."""
    experiment = Experiment(setup)
    experiment.systems = list(systems)
    scored = [result for system in experiment.systems for result in experiment.scores(system)]
    trained = dict.fromkeys(system.trained for system in experiment.systems)
    register_report(
        setup.name,
        scored,
        {system.name: experiment.training(system).out_learning_curve for system in trained},
        [hardware_run(experiment, system) for system in experiment.systems if is_device(system)],
        CellTransferJob(setup.table1_cells).out_rows,
        [document(str(DEVIATIONS))],
    )
    return experiment


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
