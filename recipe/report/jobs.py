"""The jobs of tables and page; their work is in the sibling modules, which only workers load."""

from sisyphus import Task, tk

from recipe.job import ShortJob
from recipe.report.inputs import ScoredSystem, checked_systems
from recipe.report.plot_data import PlotData

TABLES = ("table1", "table2", "table3", "claims", "costs", "energy", "variance", "search")
FORMATS = ("md", "csv", "tex")


class TablesJob(ShortJob):
    """Tables 1 to 3 of the paper beside ours, and which of its claims our figures separate from chance."""

    __sis_hash_exclude__ = {"training_spread": None, "search_errors": None, "works": None}
    revision = "spread over trainings, search errors, rows in doubt, energy"

    def __init__(
        self,
        scored: list[ScoredSystem],
        setup_name: str,
        transfer: tk.Path | None = None,
        costs: tk.Path | None = None,
        seed: int = 0,
        training_spread: tk.Path | None = None,
        search_errors: dict[str, tk.Path] | None = None,
        works: list[tuple[str, str, tk.Path]] | None = None,
    ):
        """
        :param scored: the systems of the tables; the part of the first is the one that scales were tuned on. Rows of
            the paper that the list lacks say so
        :param setup_name: what the graph ran on, for the captions
        :param transfer: json list of {operation, mean, std, min, max}, as measured on simulated cells (Table 1)
        :param costs: json of CrossbarCostJob
        :param seed: of the bootstrap over utterances, devices and trainings
        :param training_spread: variance.csv of a graph with several trainings of each row; None if nothing is known
        :param search_errors: of SearchErrorJob, by the name of the scored system; None if nothing was searched again
        :param works: bits, preset, and work.json of EnergyJob; None where nothing is on hardware
        """
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.transfer = transfer
        self.costs = costs
        self.seed = seed
        self.training_spread = training_spread
        self.search_errors = search_errors
        self.works = works
        self.out_files = {f"{t}.{f}": self.output_path(f"{t}.{f}") for t in TABLES for f in FORMATS}
        self.out_tables = self.output_path("tables.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        """Write tables and tables.json."""
        from recipe.report.table_files import write_tables

        write_tables(
            self.scored,
            self.setup_name,
            self.seed,
            {name: path.get_path() for name, path in self.out_files.items()},
            self.out_tables.get_path(),
            transfer_path=None if self.transfer is None else self.transfer.get_path(),
            costs_path=None if self.costs is None else self.costs.get_path(),
            spread_path=None if self.training_spread is None else self.training_spread.get_path(),
            search_errors={name: path.get_path() for name, path in (self.search_errors or {}).items()},
            works=[(bits, preset, path.get_path()) for bits, preset, path in self.works or ()],
        )


class HtmlReportJob(ShortJob):
    """One self-contained page: tables, plots, documents, package versions, and every job with seeds and run time."""

    def __init__(
        self,
        tables: tk.Path,
        setup_name: str,
        plots: dict[str, tk.Path] | None = None,
        documents: list[tk.Path] | None = None,
        corpus_report: tk.Path | None = None,
        plot_data: dict[str, PlotData] | None = None,
        utterances: tk.Path | None = None,
    ):
        """
        :param tables: tables.json of TablesJob
        :param plots: svg or png by title
        :param documents: Markdown files, such as docs/deviations.md; see `recipe.report.inputs.document`
        :param corpus_report: JSON of CorpusReportJob. Enters no id: pages finished earlier lack its section
        :param plot_data: what plots show, by title. Enters no id either
        :param utterances: the page of utterances, which this one leads to. Enters no id either
        """
        self.tables = tables
        self.setup_name = setup_name
        self.plots = plots or {}
        self.documents = documents or []
        self.corpus_report = corpus_report
        self.plot_data = plot_data or {}
        self.utterances = utterances
        self.out_report = self.output_path("report.html")
        self.out_stages = self.output_path("stages.md")

    @classmethod
    def hash(cls, parsed_args):
        """All arguments but the corpus report, the figures behind the plots and the page of utterances."""
        left_out = ("corpus_report", "plot_data", "utterances")
        return super().hash({name: value for name, value in parsed_args.items() if name not in left_out})

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        """Write the page, and the run times as a table of their own."""
        from pathlib import Path

        from recipe.files import open_text
        from recipe.report.html import page
        from recipe.report.job_records import ancestors
        from recipe.report.stages import stages_table
        from recipe.report.text_table import markdown

        jobs = ancestors(Path.cwd().parent, self.job_id())
        html = page(
            setup_name=self.setup_name,
            tables_path=self.tables.get_path(),
            plots={title: path.get_path() for title, path in self.plots.items()},
            documents=[path.get_path() for path in self.documents],
            jobs=jobs,
            corpus_report=None if self.corpus_report is None else self.corpus_report.get_path(),
            plot_data=self.plot_data,
            has_utterances=self.utterances is not None,
        )
        with open_text(self.out_stages.get_path(), "wt") as file:
            file.write(markdown([stages_table(jobs)]))
        with open_text(self.out_report.get_path(), "wt") as file:
            file.write(html)
