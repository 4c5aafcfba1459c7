"""What a graph registers under output/: tables, plots and the page that holds them all."""

from collections.abc import Iterable, Sequence

from sisyphus import tk

from memristor_sim.hardware import Cell, Synaptogen
from recipe.report.hardware_jobs import CellStatesJob, CrossbarCostJob
from recipe.report.inputs import HardwareRun, ScoredSystem, first_of_rows, is_sweep
from recipe.report.jobs import HtmlReportJob, TablesJob
from recipe.report.pages import PAGE, UTTERANCES
from recipe.report.plot_data import (
    ClippingData,
    CrossbarsData,
    CurvesData,
    EnergyData,
    LossesData,
    PlotData,
    StatesData,
    WerData,
)
from recipe.report.plot_jobs import (
    ClippingPlotJob,
    EnergyPlotJob,
    LearningCurvesJob,
    LossesPlotJob,
    PictureJob,
    StatesPlotJob,
    WerPlotJob,
)

Plots = dict[str, tuple[PictureJob, str]]
"""Job and name of a picture by its title."""


def register_report(
    setup_name: str,
    scored: list[ScoredSystem],
    curves: dict[str, tk.Path],
    runs: list[HardwareRun],
    transfer: tk.Path,
    documents: list[tk.Path],
    *,
    training_spread: tk.Path | None = None,
    beside: Sequence[ScoredSystem] = (),
    search_errors: dict[str, tk.Path] | None = None,
    corpus_report: tk.Path | None = None,
    works: Sequence[tuple[str, str, tk.Path]] = (),
    utterances: tk.Path | None = None,
) -> tk.Path:
    """Register tables, plots and the page as outputs.

    :param scored: the systems of the tables; the part of the first is the one that scales were tuned on
    :param curves: learning curve by the training's name
    :param runs: the devices among the systems
    :param transfer: rows of Table 1
    :param documents: Markdown files for the page
    :param training_spread: variance.csv of a graph with several trainings of each row
    :param beside: what devices are compared with, and no picture shows: their digital models at the fixed scales
    :param search_errors: samples that were searched a second time, by the name of the scored system
    :param corpus_report: JSON of CorpusReportJob, a section of the page
    :param works: bits, preset, and work.json of EnergyJob
    :param utterances: the page of utterances, which the page leads to
    :return: the page
    """
    rows = first_of_rows(runs)
    costs = CrossbarCostJob([(run.bits, run.system.condition, run.spec) for run in rows]).out_costs if rows else None
    tables = TablesJob(
        [*scored, *beside],
        setup_name,
        transfer,
        costs,
        training_spread=training_spread,
        search_errors=search_errors or None,
        works=list(works) or None,
    )
    wer = WerPlotJob(scored, setup_name, costs)
    plots = _plots(wer, runs, setup_name)
    if is_sweep(runs):
        losses = LossesPlotJob([*scored, *beside], setup_name, training_spread)
        plots = {"What devices lose to their digital model": (losses, "losses")} | plots
    if costs is not None and works:
        energy = EnergyPlotJob(scored, setup_name, costs, list(works))
        plots[f"Word error rate against energy, crossbars and area, {wer.parts['wer']}"] = energy, "energy"
    plots["Learning curves"] = LearningCurvesJob(curves, setup_name), "learning_curves"
    pictures = {title: job.out_files[f"{name}.svg"] for title, (job, name) in plots.items()}
    data = plot_data(plots, wer, curves, runs)
    page = HtmlReportJob(tables.out_tables, setup_name, pictures, documents, corpus_report, data, utterances)
    tk.register_output(PAGE, page.out_report)
    if utterances is not None:
        tk.register_output(UTTERANCES, utterances)
    tk.register_output("tables/stages.md", page.out_stages)
    _register_files("tables", [tables])
    _register_files("plots", dict.fromkeys(job for job, _ in plots.values()))
    return page.out_report


def _register_files(folder: str, jobs: Iterable[TablesJob | PictureJob]) -> None:
    for job in jobs:
        for name, path in job.out_files.items():
            tk.register_output(f"{folder}/{name}", path)


def _plots(wer: WerPlotJob, runs: list[HardwareRun], setup_name: str) -> Plots:
    """Word error rates, and what devices show."""
    plots: Plots = {f"Word error rate against weight bits, {part}": (wer, name) for name, part in wer.parts.items()}
    if runs:
        plots[f"Word error rate against the number of crossbars, {wer.parts['wer']}"] = wer, "crossbars"
        plots |= _hardware_plots(runs, first_of_rows(runs), setup_name)
    return plots


def _hardware_plots(runs: list[HardwareRun], rows: list[HardwareRun], setup_name: str) -> Plots:
    """Clipping of all devices, cell states of one device per row."""
    clipping = ClippingPlotJob([(*_row(run), run.clip_rates) for run in runs], setup_name)
    states = [(*_row(run), CellStatesJob(run.spec, run.digital, run.programmed).out_states) for run in rows]
    cells = StatesPlotJob(states, level_sets(rows), setup_name)
    return {
        "ADC conversions that clip, per layer": (clipping, "adc_clipping"),
        "DAC conversions that clip, per layer": (clipping, "dac_clipping"),
        "Cells and pairs after programming": (cells, "states"),
    }


def plot_data(
    plots: Plots, wer: WerPlotJob, curves: dict[str, tk.Path], runs: list[HardwareRun]
) -> dict[str, PlotData]:
    """What each plot shows, by its title."""
    parts: dict[str, PlotData] = {name: WerData(part) for name, part in wer.parts.items()}
    clip_rates = [(*_row(run), run.clip_rates) for run in runs]
    by_name = parts | {
        "crossbars": CrossbarsData(wer.parts["wer"]),
        "energy": EnergyData(wer.parts["wer"]),
        "learning_curves": CurvesData(curves),
        "adc_clipping": ClippingData("adc", clip_rates),
        "dac_clipping": ClippingData("dac", clip_rates),
    }
    by_name |= {name: LossesData(job.out_losses) for job, name in plots.values() if isinstance(job, LossesPlotJob)}
    by_name |= {name: StatesData(job.runs) for job, name in plots.values() if isinstance(job, StatesPlotJob)}
    return {title: by_name[name] for title, (_, name) in plots.items()}


def _row(run: HardwareRun) -> tuple[str, str, int]:
    return run.bits, run.system.condition, run.system.device_seed


def level_sets(runs: list[HardwareRun]) -> list[int | tuple[int, Cell]]:
    """How many levels the cells have, each number once; with the cell technology unless it is the default."""
    hardware = [run.spec.hardware for run in runs if run.spec.hardware is not None]
    default = sorted({one.levels for one in hardware if one.cell == Synaptogen()})
    return [*default, *dict.fromkeys((one.levels, one.cell) for one in hardware if one.cell != Synaptogen())]
