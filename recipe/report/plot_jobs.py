"""The jobs of the pictures; their work is in the sibling modules, which only workers load.

One job draws all pictures of the same arguments, because hashing hundreds of systems is what takes time when a
graph is built.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from sisyphus import Task, tk

from recipe.job import ShortJob
from recipe.report.inputs import ScoredSystem, checked_systems, parts_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from recipe.report.device_files import DeviceFile
    from recipe.report.losses import Loss
    from recipe.report.results import Results

PICTURES = ("png", "svg")


class PictureJob(ShortJob):
    """Pictures in all formats; a subclass builds the figure of each."""

    def __init__(self, *names: str):
        self.names = names
        self.out_files = {f"{name}.{f}": self.output_path(f"{name}.{f}") for name in names for f in PICTURES}

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 2, "time": 1}, mini_task=True)

    def run(self):
        from recipe.report.plot_style import save

        for name in self.names:
            save(self.figure(name), [self.out_files[f"{name}.{f}"].get_path() for f in PICTURES])

    @abstractmethod
    def figure(self, name: str) -> Figure:
        """The picture of one of the names."""


class WerPlotJob(PictureJob):
    """Word error rate against weight bits on every part, and against crossbars on the first; ours beside the paper's.

    The picture of the first part is `wer`, those of others `wer_test` and the like.
    """

    def __init__(self, scored: list[ScoredSystem], setup_name: str, costs: tk.Path | None = None):
        """:param costs: json of CrossbarCostJob; None where nothing is on hardware"""
        self.scored = checked_systems(scored)
        first, *others = parts_of(self.scored)
        self.parts = {"wer": first} | {f"wer_{part}": part for part in others}
        super().__init__(*self.parts, *(["crossbars"] if costs else []))
        self.setup_name = setup_name
        self.costs = costs

    def figure(self, name):
        """`crossbars`, or the picture of a part."""
        from recipe.files import read_json
        from recipe.report.plot_wer import crossbars_figure, wer_figure
        from recipe.report.results import Results

        results = Results.load(self.scored)
        if name == "crossbars" and self.costs is not None:
            return crossbars_figure(results, self.setup_name, results.tuned_on, read_json(self.costs.get_path()))
        return wer_figure(results, self.setup_name, self.parts[name])


class EnergyPlotJob(PictureJob):
    """Word error rate on the first part against energy per second of audio, against crossbars and against area."""

    def __init__(
        self, scored: list[ScoredSystem], setup_name: str, costs: tk.Path, works: list[tuple[str, str, tk.Path]]
    ):
        """
        :param costs: json of CrossbarCostJob
        :param works: bits, preset, and work.json of EnergyJob
        """
        super().__init__("energy")
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.costs = costs
        self.works = works

    def figure(self, name):
        """The only picture."""
        from recipe.files import read_json
        from recipe.report.energy import energy_rows
        from recipe.report.plot_energy import energy_figure
        from recipe.report.results import Results

        results = Results.load(self.scored)
        works = [(bits, preset, path.get_path()) for bits, preset, path in self.works]
        rows = energy_rows(works, read_json(self.costs.get_path()))
        return energy_figure(results, self.setup_name, results.tuned_on, rows)


class LossesPlotJob(PictureJob):
    """What devices lose to their digital model at the same search scales, a line per row, and the figures as CSV."""

    def __init__(
        self, scored: list[ScoredSystem], setup_name: str, training_spread: tk.Path | None = None, seed: int = 0
    ):
        """
        :param scored: the systems of the tables, digital models at the fixed scales included
        :param training_spread: variance.csv of a graph with several trainings of each row; None if nothing is known
        :param seed: of the bootstrap
        """
        super().__init__("losses")
        self.scored = checked_systems(scored)
        self.setup_name = setup_name
        self.training_spread = training_spread
        self.seed = seed
        self.out_losses = self.output_path("losses.csv")

    def run(self):
        """Draw, and write the figures."""
        from recipe.files import open_text
        from recipe.report.losses import to_csv

        super().run()
        _, found = self._results_and_losses()
        with open_text(self.out_losses.get_path(), "wt") as file:
            file.write(to_csv(found))

    def figure(self, name):
        """The only picture."""
        from recipe.report.plot_losses import losses_figure

        results, found = self._results_and_losses()
        return losses_figure(results, self.setup_name, found)

    def _results_and_losses(self) -> tuple[Results, list[Loss]]:
        from recipe.report.intervals import Intervals
        from recipe.report.losses import losses
        from recipe.report.results import Results
        from recipe.report.training_spread import UNKNOWN, TrainingSpread

        results = Results.load(self.scored)
        spread = UNKNOWN if self.training_spread is None else TrainingSpread.read(self.training_spread.get_path())
        return results, losses(results, Intervals(results, self.seed, spread))


class LearningCurvesJob(PictureJob):
    """Losses and learning rates of all trainings in one picture."""

    def __init__(self, curves: dict[str, tk.Path], setup_name: str):
        """:param curves: by the training's name, csv with epoch, learning_rate, train_loss, dev_loss"""
        super().__init__("learning_curves")
        self.curves = curves
        self.setup_name = setup_name

    def figure(self, name):
        """The only picture."""
        from recipe.report.plot_training import learning_curves_figure

        return learning_curves_figure({name: path.get_path() for name, path in self.curves.items()}, self.setup_name)


class ClippingPlotJob(PictureJob):
    """How often the converters of each layer clip."""

    def __init__(self, runs: list[tuple[str, str, int, tk.Path]], setup_name: str):
        """:param runs: bits, preset, device, and csv of clip rates of the emissions job"""
        super().__init__("adc_clipping", "dac_clipping")
        self.runs = runs
        self.setup_name = setup_name

    def figure(self, name):
        """The picture of one kind of converter."""
        from recipe.report.plot_clipping import clipping_figure

        return clipping_figure(device_files(self.runs), self.setup_name, name.removesuffix("_clipping"))


class StatesPlotJob(PictureJob):
    """States of cells and pairs after programming, one device per preset and bit width."""

    starts_warm = True

    def __init__(self, runs: list[tuple[str, str, int, tk.Path]], levels: list, setup_name: str):
        """
        :param runs: bits, preset, device, and csv of CellStatesJob
        :param levels: how many conductance levels cells have, each number once: int, or (int, cell technology)
        """
        super().__init__("states")
        self.runs = runs
        self.levels = levels
        self.setup_name = setup_name

    def figure(self, name):
        """The only picture."""
        from recipe.report.plot_states import states_figure
        from recipe.report.states import level_conductances_us

        sets = [one if isinstance(one, tuple) else (one,) for one in self.levels]
        ideals_us = sorted({conductance for one in sets for conductance in level_conductances_us(*one)})
        return states_figure(device_files(self.runs), ideals_us, self.setup_name)


def device_files(runs: list[tuple[str, str, int, tk.Path]]) -> list[DeviceFile]:
    """The arguments of a job as values, once their files are there."""
    from recipe.report.device_files import DeviceFile

    return [
        DeviceFile(bits=bits, preset=preset, device=device, path=path.get_path()) for bits, preset, device, path in runs
    ]
