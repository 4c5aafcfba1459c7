"""What a graph registers under output/: tables, plots and the page that holds them all."""

from sisyphus import tk

from recipe.report.config import HardwareRun, ScoredSystem, first_of_rows
from recipe.report.hardware_jobs import CellStatesJob, CrossbarCostJob
from recipe.report.jobs import HtmlReportJob, TablesJob
from recipe.report.plot_jobs import (
    ClippingPlotJob,
    CrossbarPlotJob,
    LearningCurvesJob,
    PictureJob,
    StatesPlotJob,
    WerPlotJob,
)


def register_report(
    setup_name: str,
    scored: list[ScoredSystem],
    curves: dict[str, tk.Path],
    runs: list[HardwareRun],
    transfer: tk.Path,
    documents: list[tk.Path],
) -> None:
    """
    :param curves: learning curve by the training's name
    :param runs: the devices among the systems
    :param transfer: rows of Table 1
    :param documents: Markdown files for the page
    """
    rows = first_of_rows(runs)
    costs = CrossbarCostJob([(run.bits, run.system.preset, run.spec) for run in rows]).out_costs
    tables = TablesJob(scored, setup_name, transfer, costs)
    plots: dict[str, PictureJob] = {
        "Word error rate against weight bits, dev": WerPlotJob(scored, setup_name, "dev"),
        "Word error rate against weight bits, test": WerPlotJob(scored, setup_name, "test"),
    }
    if runs:
        states = [CellStatesJob(run.spec, run.digital, run.programmed).out_states for run in rows]
        plots |= {
            "Word error rate against the number of crossbars, dev": CrossbarPlotJob(scored, setup_name, "dev", costs),
            "ADC conversions that clip, per layer": ClippingPlotJob(runs, setup_name, "adc"),
            "DAC conversions that clip, per layer": ClippingPlotJob(runs, setup_name, "dac"),
            "Cells and pairs after programming": StatesPlotJob(rows, states, setup_name),
        }
    plots["Learning curves"] = LearningCurvesJob(curves, setup_name)
    pictures = {title: job.out_files[f"{job.name}.svg"] for title, job in plots.items()}
    page = HtmlReportJob(tables.out_tables, setup_name, pictures, documents)
    tk.register_output("report.html", page.out_report)
    tk.register_output("tables/stages.md", page.out_stages)
    for folder, job in (("tables", tables), *(("plots", job) for job in plots.values())):
        for name, path in job.out_files.items():
            tk.register_output(f"{folder}/{name}", path)
