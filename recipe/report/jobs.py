"""The jobs of the report; their work sits in the sibling modules, which only workers load."""

from sisyphus import Job, Task, tk

from recipe.report.config import ScoredSystem, checked_systems

TABLES = ("table1", "table2", "table3", "claims", "costs")
FORMATS = ("md", "csv", "tex")
PICTURES = ("png", "svg")


class TablesJob(Job):
    """Tables 1 to 3 of the paper beside ours, and which of its claims our figures separate from chance."""

    def __init__(
        self,
        scored: list[ScoredSystem],
        setup_name: str,
        transfer: tk.Path | None = None,
        costs: tk.Path | None = None,
        seed: int = 0,
    ):
        """
        :param scored: the systems of the tables, in any order; rows that the paper has and the list has not say so
        :param setup_name: what the graph ran on, for the captions
        :param transfer: json list of {operation, mean, std, min, max}, as measured on simulated cells (Table 1)
        :param costs: json of CrossbarCostJob
        :param seed: of the bootstrap over utterances and devices
        """
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.transfer = transfer
        self.costs = costs
        self.seed = seed
        self.out_files = {f"{t}.{f}": self.output_path(f"{t}.{f}") for t in TABLES for f in FORMATS}
        self.out_tables = self.output_path("tables.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        from recipe.report.files import write_tables

        write_tables(
            self.scored,
            self.setup_name,
            self.seed,
            {name: path.get_path() for name, path in self.out_files.items()},
            self.out_tables.get_path(),
            transfer_path=self.transfer and self.transfer.get_path(),
            costs_path=self.costs and self.costs.get_path(),
        )


class WerPlotJob(Job):
    """Word error rate against weight bits, ours beside the paper's."""

    def __init__(self, scored: list[ScoredSystem], setup_name: str, part: str = "dev"):
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.part = part
        self.out_files = {f"wer.{f}": self.output_path(f"wer.{f}") for f in PICTURES}

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        from recipe.report.plots import plot_wer
        from recipe.report.results import Results

        plot_wer(Results.load(self.scored), self.setup_name, self.part, picture_paths(self))


class LearningCurvesJob(Job):
    """Losses and learning rates of all trainings in one picture."""

    def __init__(self, curves: dict[str, tk.Path]):
        """:param curves: by the training's name, csv with epoch, learning_rate, train_loss, dev_loss"""
        self.curves = curves
        self.out_files = {f"learning_curves.{f}": self.output_path(f"learning_curves.{f}") for f in PICTURES}

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        from recipe.report.plots import plot_learning_curves

        plot_learning_curves({name: path.get_path() for name, path in self.curves.items()}, picture_paths(self))


def picture_paths(job: WerPlotJob | LearningCurvesJob) -> dict[str, str]:
    """File by format."""
    return {name.rsplit(".", 1)[1]: path.get_path() for name, path in job.out_files.items()}


class HtmlReportJob(Job):
    """One self-contained page: tables, plots, documents, package versions, and every job with seeds and run time."""

    def __init__(
        self,
        tables: tk.Path,
        setup_name: str,
        plots: dict[str, tk.Path] | None = None,
        documents: list[tk.Path] | None = None,
    ):
        """
        :param tables: tables.json of TablesJob
        :param plots: svg or png by title
        :param documents: Markdown files, such as docs/deviations.md; see `recipe.report.config.document`
        """
        self.tables = tables
        self.setup_name = setup_name
        self.plots = plots or {}
        self.documents = documents or []
        self.out_report = self.output_path("report.html")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        from pathlib import Path

        from recipe.files import open_text
        from recipe.report.history import ancestors
        from recipe.report.html import page

        html = page(
            setup_name=self.setup_name,
            tables_path=self.tables.get_path(),
            plots={title: path.get_path() for title, path in self.plots.items()},
            documents=[path.get_path() for path in self.documents],
            jobs=ancestors(Path.cwd().parent, self.job_id()),
        )
        with open_text(self.out_report.get_path(), "wt") as file:
            file.write(html)
