"""Search jobs: decode a list of segments, or tune the scales on one."""

from sisyphus import Task, tk
from sisyphus.tools import try_get

from recipe.decoding.config import SearchConfig
from recipe.estimates import WALKED_POINTS
from recipe.job import RecipeJob


class SearchJob(RecipeJob):
    """Decode the segments of a corpus part from stored log posteriors."""

    def __init__(
        self,
        emissions: list[tk.Path],
        segments: tk.Path,
        prior: tk.Path,
        lexicon: tk.Path,
        labels: tk.Path,
        lm: tk.Path,
        search: SearchConfig,
        lm_scale: float | tk.Variable,
        prior_scale: float | tk.Variable,
    ):
        """
        :param emissions: HDF files of log posteriors; they may hold more than the segments.
        :param segments: the segments to decode, all of which must be there.
        :param prior: log prior per label.
        :param lexicon: decoder lexicon, labels per word.
        :param labels: label inventory, blank last.
        :param lm: KenLM binary.
        """
        self.emissions = emissions
        self.segments = segments
        self.prior = prior
        self.lexicon = lexicon
        self.labels = labels
        self.lm = lm
        self.search = search
        self.lm_scale = lm_scale
        self.prior_scale = prior_scale
        self.out_hypotheses = self.output_path("hypotheses.json")
        self.out_report = self.output_path("report.json")
        self.rqmt = {"cpu": 1, "mem": 2, "time": 1}

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)

    def estimated_hours(self, rates, audio_h):
        """One search."""
        return rates.search_hours(self.search.beam, audio_h)

    def run(self):
        from recipe.decoding.recognise import SearchInputs, recognise, write_report
        from recipe.formats.hypotheses import write_hypotheses

        inputs = SearchInputs.of(self)
        hypotheses = recognise(inputs, self.search, float(try_get(self.lm_scale)), float(try_get(self.prior_scale)))
        write_report(self.out_report.get_path(), inputs, hypotheses)
        write_hypotheses(self.out_hypotheses.get_path(), hypotheses)


class TuneScalesJob(RecipeJob):
    """LM and prior scale with the fewest word errors on a grid; one task per LM scale, no acoustic pass.

    Of equally good points the one with the smaller LM scale wins, then the smaller prior scale. What was recognised
    there is kept: the segments need no search of their own at the tuned scales.
    """

    __sis_hash_exclude__ = {"walk_from": None}
    revision = "keeps hypotheses"

    def __init__(
        self,
        emissions: list[tk.Path],
        segments: tk.Path,
        prior: tk.Path,
        lexicon: tk.Path,
        labels: tk.Path,
        lm: tk.Path,
        search: SearchConfig,
        lm_scales: list[float],
        prior_scales: list[float],
        walk_from: tuple[tk.Variable, tk.Variable] | None = None,
    ):
        """
        Files as in SearchJob; the words of `segments` are the reference.

        :param walk_from: LM and prior scale from which one task walks downhill over the grid; None tries all of it.
        """
        self.emissions = emissions
        self.segments = segments
        self.prior = prior
        self.lexicon = lexicon
        self.labels = labels
        self.lm = lm
        self.search = search
        self.lm_scales = list(lm_scales)
        self.prior_scales = list(prior_scales)
        self.walk_from = walk_from
        self.out_lm_scale = self.output_var("lm_scale")
        self.out_prior_scale = self.output_var("prior_scale")
        self.out_grid = self.output_path("grid.csv")
        self.out_hypotheses = self.output_path("hypotheses.json")
        self.out_report = self.output_path("report.json")
        self.rqmt = {"cpu": 1, "mem": 2, "time": 2}

    def tasks(self):
        yield Task("tune", resume="tune", args=list(self._parts()), rqmt=self.rqmt)
        yield Task("choose", resume="choose", mini_task=True)

    def estimated_hours(self, rates, audio_h):
        """A search per point tried."""
        points = len(self.lm_scales) * len(self.prior_scales)
        tried = min(points, WALKED_POINTS) if self.walk_from else points
        return tried * rates.search_hours(self.search.beam, audio_h)

    def _parts(self) -> range:
        return range(1, 2 if self.walk_from else len(self.lm_scales) + 1)

    def tune(self, index: int):
        """Search at one LM scale and all prior scales, or along the walk; keep the points and the best result."""
        from recipe.decoding.recognise import SearchInputs, write_report
        from recipe.decoding.tune import Tuning, descend, write_points
        from recipe.formats.hypotheses import write_hypotheses

        inputs = SearchInputs.of(self)
        tuning = Tuning(inputs, self.search)
        if self.walk_from is None:
            for prior_scale in self.prior_scales:
                tuning(self.lm_scales[index - 1], prior_scale)
        else:
            start = tuple(float(try_get(scale)) for scale in self.walk_from)
            descend(tuning, self.lm_scales, self.prior_scales, start)
        write_points(f"grid.{index}.csv", tuning.points)
        write_report(f"report.{index}.json", inputs, tuning.hypotheses)
        write_hypotheses(f"hypotheses.{index}.json", tuning.hypotheses)

    def choose(self):
        """The best point of all tasks, with what its task recognised there."""
        from recipe.decoding.tune import best, read_points, write_points
        from recipe.files import copy_file

        parts = {part: read_points(f"grid.{part}.csv") for part in self._parts()}
        points = [point for part in parts.values() for point in part]
        write_points(self.out_grid.get_path(), points)
        chosen = best(points)
        part = next(part for part, tried in parts.items() if chosen in tried)
        copy_file(f"hypotheses.{part}.json", self.out_hypotheses.get_path())
        copy_file(f"report.{part}.json", self.out_report.get_path())
        print(f"LM scale {chosen.lm_scale}, prior scale {chosen.prior_scale}: {chosen.wer_percent:.2f} % WER")
        self.out_lm_scale.set(chosen.lm_scale)
        self.out_prior_scale.set(chosen.prior_scale)
