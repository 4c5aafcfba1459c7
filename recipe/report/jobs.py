"""The jobs of the report; their work sits in the sibling modules, which only workers load."""

from sisyphus import Job, Task, tk

from recipe.report.config import ScoredSystem, checked_systems

TABLES = ("table1", "table2", "table3", "claims")
FORMATS = ("md", "csv", "tex")
PICTURES = ("png", "svg")


class TablesJob(Job):
    """Tables 1 to 3 of the paper beside ours, and which of its claims our figures separate from chance."""

    def __init__(self, scored: list[ScoredSystem], setup_name: str, transfer: tk.Path | None = None, seed: int = 0):
        """
        :param scored: the systems of the tables, in any order; rows that the paper has and the list has not say so
        :param setup_name: what the graph ran on, for the captions
        :param transfer: json list of {operation, mean, std, min, max}, as measured on simulated cells (Table 1)
        :param seed: of the bootstrap over utterances
        """
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.transfer = transfer
        self.seed = seed
        self.out_files = {f"{t}.{f}": self.output_path(f"{t}.{f}") for t in TABLES for f in FORMATS}
        self.out_tables = self.output_path("tables.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        from recipe.report.files import write_tables

        transfer = self.transfer.get_path() if self.transfer else None
        paths = {name: path.get_path() for name, path in self.out_files.items()}
        write_tables(self.scored, self.setup_name, transfer, self.seed, paths, self.out_tables.get_path())
