"""The jobs of the pictures; their work sits in the sibling modules, which only workers load."""

from sisyphus import Job, Task, tk

from recipe.report.config import HardwareRun, ScoredSystem, checked_systems

PICTURES = ("png", "svg")


class PictureJob(Job):
    """One picture in all formats; a subclass draws it."""

    def __init__(self, name: str):
        self.name = name
        self.out_files = {f"{name}.{f}": self.output_path(f"{name}.{f}") for f in PICTURES}

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        self.draw({name.rsplit(".", 1)[1]: path.get_path() for name, path in self.out_files.items()})

    def draw(self, paths: dict[str, str]):
        """:param paths: file by format"""
        raise NotImplementedError


class WerPlotJob(PictureJob):
    """Word error rate against weight bits, ours beside the paper's."""

    def __init__(self, scored: list[ScoredSystem], setup_name: str, part: str):
        super().__init__("wer" if part == "dev" else f"wer_{part}")
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.part = part

    def draw(self, paths):
        from recipe.report.plot_wer import plot_wer
        from recipe.report.results import Results

        plot_wer(Results.load(self.scored), self.setup_name, self.part, paths)


class CrossbarPlotJob(PictureJob):
    """Word error rate against the number of crossbars, ours beside the paper's."""

    def __init__(self, scored: list[ScoredSystem], setup_name: str, part: str, costs: tk.Path):
        """:param costs: json of CrossbarCostJob"""
        super().__init__("crossbars")
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.part = part
        self.costs = costs

    def draw(self, paths):
        import json

        from recipe.files import open_text
        from recipe.report.plot_wer import plot_crossbars
        from recipe.report.results import Results

        with open_text(self.costs.get_path()) as file:
            costs = json.load(file)
        plot_crossbars(Results.load(self.scored), self.setup_name, self.part, costs, paths)


class LearningCurvesJob(PictureJob):
    """Losses and learning rates of all trainings in one picture."""

    def __init__(self, curves: dict[str, tk.Path], setup_name: str):
        """:param curves: by the training's name, csv with epoch, learning_rate, train_loss, dev_loss"""
        super().__init__("learning_curves")
        self.curves = curves
        self.setup_name = setup_name

    def draw(self, paths):
        from recipe.report.plot_training import plot_learning_curves

        curves = {name: path.get_path() for name, path in self.curves.items()}
        plot_learning_curves(curves, self.setup_name, paths)


class ClippingPlotJob(PictureJob):
    """How often the converters of each layer clip."""

    def __init__(self, runs: list[HardwareRun], setup_name: str, converter: str):
        """:param converter: `adc` or `dac`"""
        super().__init__(f"{converter}_clipping")
        self.runs = runs
        self.setup_name = setup_name
        self.converter = converter

    def draw(self, paths):
        from recipe.report.plot_hardware import Run, plot_clipping

        runs = [
            Run(bits=run.bits, preset=run.system.preset, device=run.system.device_seed, path=run.clip_rates.get_path())
            for run in self.runs
        ]
        plot_clipping(runs, self.setup_name, self.converter, paths)


class StatesPlotJob(PictureJob):
    """How cells and pairs lie after programming, one device per preset and bit width."""

    def __init__(self, runs: list[HardwareRun], states: list[tk.Path], setup_name: str):
        """:param states: csv of CellStatesJob for each run"""
        super().__init__("states")
        self.runs = runs
        self.states = states
        self.setup_name = setup_name

    def draw(self, paths):
        from recipe.report.plot_hardware import Run, plot_states
        from recipe.report.states import level_conductances_us

        runs = [
            Run(bits=run.bits, preset=run.system.preset, device=run.system.device_seed, path=states.get_path())
            for run, states in zip(self.runs, self.states, strict=True)
        ]
        levels = {level for run in self.runs for level in level_conductances_us(run.spec.hardware.levels)}
        plot_states(runs, sorted(levels), self.setup_name, paths)
