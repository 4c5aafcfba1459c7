"""The jobs of the pictures; their work sits in the sibling modules, which only workers load.

One job draws all that comes from the same arguments: hashing hundreds of systems is what graph building spends time on.
"""

from sisyphus import Task, tk

from recipe.job import ShortJob
from recipe.report.config import ScoredSystem, checked_systems

PICTURES = ("png", "svg")


class PictureJob(ShortJob):
    """Pictures in all formats; a subclass draws each."""

    def __init__(self, *names: str):
        self.names = names
        self.out_files = {f"{name}.{f}": self.output_path(f"{name}.{f}") for name in names for f in PICTURES}

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        for name in self.names:
            self.draw(name, {f: self.out_files[f"{name}.{f}"].get_path() for f in PICTURES})

    def draw(self, name: str, paths: dict[str, str]):
        """:param paths: file by format"""
        raise NotImplementedError


class WerPlotJob(PictureJob):
    """Word error rate against weight bits on dev and test, and against crossbars on dev; ours beside the paper's."""

    def __init__(self, scored: list[ScoredSystem], setup_name: str, costs: tk.Path | None = None):
        """:param costs: json of CrossbarCostJob; None where nothing is on hardware"""
        super().__init__("wer", "wer_test", *(["crossbars"] if costs else []))
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.costs = costs

    def draw(self, name, paths):
        from recipe.files import read_json
        from recipe.report.plot_wer import plot_crossbars, plot_wer
        from recipe.report.results import Results

        results = Results.load(self.scored)
        if name == "crossbars":
            plot_crossbars(results, self.setup_name, "dev", read_json(self.costs.get_path()), paths)
        else:
            plot_wer(results, self.setup_name, "dev" if name == "wer" else "test", paths)


class LearningCurvesJob(PictureJob):
    """Losses and learning rates of all trainings in one picture."""

    def __init__(self, curves: dict[str, tk.Path], setup_name: str):
        """:param curves: by the training's name, csv with epoch, learning_rate, train_loss, dev_loss"""
        super().__init__("learning_curves")
        self.curves = curves
        self.setup_name = setup_name

    def draw(self, name, paths):
        from recipe.report.plot_training import plot_learning_curves

        curves = {name: path.get_path() for name, path in self.curves.items()}
        plot_learning_curves(curves, self.setup_name, paths)


class ClippingPlotJob(PictureJob):
    """How often the converters of each layer clip."""

    def __init__(self, runs: list[tuple[str, str, int, tk.Path]], setup_name: str):
        """:param runs: bits, preset, device, and csv of clip rates of the emissions job"""
        super().__init__("adc_clipping", "dac_clipping")
        self.runs = runs
        self.setup_name = setup_name

    def draw(self, name, paths):
        from recipe.report.plot_hardware import plot_clipping

        plot_clipping(loaded_runs(self.runs), self.setup_name, name.removesuffix("_clipping"), paths)


class StatesPlotJob(PictureJob):
    """How cells and pairs lie after programming, one device per preset and bit width."""

    def __init__(self, runs: list[tuple[str, str, int, tk.Path]], levels: list, setup_name: str):
        """
        :param runs: bits, preset, device, and csv of CellStatesJob
        :param levels: how many conductance levels cells have, each number once: int, or (int, cell technology)
        """
        super().__init__("states")
        self.runs = runs
        self.levels = levels
        self.setup_name = setup_name

    def draw(self, name, paths):
        from recipe.report.plot_hardware import plot_states
        from recipe.report.states import level_conductances_us

        sets = [one if isinstance(one, tuple) else (one,) for one in self.levels]
        ideals = sorted({conductance for one in sets for conductance in level_conductances_us(*one)})
        plot_states(loaded_runs(self.runs), ideals, self.setup_name, paths)


def loaded_runs(runs: list[tuple[str, str, int, tk.Path]]) -> list:
    from recipe.report.plot_hardware import Run

    return [Run(bits=bits, preset=preset, device=device, path=path.get_path()) for bits, preset, device, path in runs]
