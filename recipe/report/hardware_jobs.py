"""The jobs that measure hardware for the report: what a mapping takes, the cell states of a programmed device."""

from sisyphus import Task, tk

from recipe.hardware.spec import ModelSpec
from recipe.job import ShortJob


class CrossbarCostJob(ShortJob):
    """Crossbars, cells and conversions of each row of Table 3, counted from the model alone (json)."""

    starts_warm = True

    def __init__(self, rows: list[tuple[str, str, ModelSpec]]):
        """:param rows: bits, preset, and one of its models on hardware"""
        self.rows = rows
        self.out_costs = self.output_path("costs.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 3, "time": 1})

    def run(self):
        import json

        from recipe.files import open_text
        from recipe.report.states import all_costs

        with open_text(self.out_costs.get_path(), "wt") as file:
            json.dump(all_costs(self.rows), file, indent=1)


class CellStatesJob(ShortJob):
    """Histograms of the cells of one programmed device, by what was written to them (csv)."""

    starts_warm = True

    def __init__(self, spec: ModelSpec, digital: tk.Path, programmed: tk.Path):
        """
        :param digital: checkpoint of the quantised model that was programmed
        :param programmed: checkpoint of ProgramDeviceJob
        """
        self.spec = spec
        self.digital = digital
        self.programmed = programmed
        self.out_states = self.output_path("states.csv")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 4, "time": 1})

    def run(self):
        from recipe.report.states import write_cell_states

        write_cell_states(self.spec, self.digital.get_path(), self.programmed.get_path(), self.out_states.get_path())
