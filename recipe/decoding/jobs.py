"""Search jobs: decode a list of segments, or tune the scales on one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sisyphus import Task, tk
from sisyphus.tools import try_get

from recipe.decoding.config import AnySearchFiles, SearchConfig, Searched
from recipe.estimates import WALKED_POINTS
from recipe.identity import flattened
from recipe.job import RecipeJob

if TYPE_CHECKING:
    from recipe.decoding.recognise import Inputs


class _Searching(RecipeJob):
    """What the two search jobs have in common: what they read, and what they write of what they recognised."""

    def __init__(self, files: AnySearchFiles, segments: tk.Path, search: SearchConfig):
        self.files = files
        self.segments = segments
        self.search = search
        self.out_hypotheses = self.output_path("hypotheses.json")
        self.out_report = self.output_path("report.json")

    @classmethod
    def hash(cls, parsed_args: Mapping[str, Any]) -> str:
        """Published ids were made when each of the files was an argument."""
        return super().hash(flattened(parsed_args, "files"))

    def inputs(self) -> "Inputs":
        """Everything that the search reads, loaded and checked."""
        return self.files.load(self.segments)


class SearchJob(_Searching):
    """Decode the segments of a corpus part from stored log posteriors."""

    def __init__(
        self,
        files: AnySearchFiles,
        segments: tk.Path,
        search: SearchConfig,
        lm_scale: float | tk.Variable,
        prior_scale: float | tk.Variable,
    ):
        """
        :param segments: the segments to decode; the emissions must hold all of them
        :param lm_scale: as in recipe.decoding.search.Search
        :param prior_scale: likewise
        """
        super().__init__(files, segments, search)
        self.lm_scale = lm_scale
        self.prior_scale = prior_scale
        self.rqmt = {"cpu": 1, "mem": 2, "time": 1}

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)

    def estimated_hours(self, rates, audio_h):
        """One search."""
        return rates.search_hours(self.search.beam, audio_h)

    def run(self):
        from recipe.decoding.recognise import recognise, write_report
        from recipe.formats.hypotheses import write_hypotheses

        inputs = self.inputs()
        hypotheses = recognise(inputs, self.search, float(try_get(self.lm_scale)), float(try_get(self.prior_scale)))
        write_report(self.out_report.get_path(), inputs, hypotheses)
        write_hypotheses(self.out_hypotheses.get_path(), hypotheses)


class TuneScalesJob(_Searching):
    """LM and prior scale with the fewest word errors on a grid; one task per LM scale, no acoustic pass.

    Of equally good points the one with the smaller LM scale wins, then the smaller prior scale. What was recognised
    there is kept, so that the segments need no further search at the tuned scales.
    """

    __sis_hash_exclude__ = {"walk_from": None}
    revision = "keeps hypotheses"

    def __init__(
        self,
        files: AnySearchFiles,
        segments: tk.Path,
        search: SearchConfig,
        lm_scales: list[float],
        prior_scales: list[float],
        walk_from: tuple[float, float] | tuple[tk.Variable, tk.Variable] | None = None,
    ):
        """
        :param segments: their words are the reference; the emissions must hold all of them
        :param walk_from: LM and prior scale from which one task walks downhill over the grid; None tries all of it
        """
        super().__init__(files, segments, search)
        self.lm_scales = list(lm_scales)
        self.prior_scales = list(prior_scales)
        self.walk_from = walk_from
        self.out_lm_scale = self.output_var("lm_scale")
        self.out_prior_scale = self.output_var("prior_scale")
        self.out_grid = self.output_path("grid.csv")
        self.rqmt = {"cpu": 1, "mem": 2, "time": 2}

    def tasks(self):
        yield Task("tune", resume="tune", args=list(self._task_numbers()), rqmt=self.rqmt)
        yield Task("choose", resume="choose", mini_task=True)

    def estimated_hours(self, rates, audio_h):
        """A search per point tried."""
        points = len(self.lm_scales) * len(self.prior_scales)
        tried = min(points, WALKED_POINTS) if self.walk_from else points
        return tried * rates.search_hours(self.search.beam, audio_h)

    def _task_numbers(self) -> range:
        """From 1: one task per LM scale, or one for the walk."""
        return range(1, 2 if self.walk_from else len(self.lm_scales) + 1)

    def tune(self, number: int):
        """Search at one LM scale and all prior scales, or along the walk; keep the points and the best result."""
        from recipe.decoding.recognise import write_report
        from recipe.decoding.tune import Tuning, descend, write_points
        from recipe.formats.hypotheses import write_hypotheses

        inputs = self.inputs()
        tuning = Tuning(inputs, self.search)
        if self.walk_from is None:
            for prior_scale in self.prior_scales:
                tuning(self.lm_scales[number - 1], prior_scale)
        else:
            start_lm_scale, start_prior_scale = (float(try_get(scale)) for scale in self.walk_from)
            descend(tuning, self.lm_scales, self.prior_scales, (start_lm_scale, start_prior_scale))
        write_points(f"grid.{number}.csv", tuning.points)
        write_report(f"report.{number}.json", inputs, tuning.hypotheses)
        write_hypotheses(f"hypotheses.{number}.json", tuning.hypotheses)

    def choose(self):
        """The best point of all tasks, with what its task recognised there."""
        from recipe.decoding.tune import best, read_points, write_points
        from recipe.files import copy_file

        points_of = {number: read_points(f"grid.{number}.csv") for number in self._task_numbers()}
        points = [point for tried in points_of.values() for point in tried]
        write_points(self.out_grid.get_path(), points)
        chosen = best(points)
        number = next(number for number, tried in points_of.items() if chosen in tried)
        copy_file(f"hypotheses.{number}.json", self.out_hypotheses.get_path())
        copy_file(f"report.{number}.json", self.out_report.get_path())
        print(f"LM scale {chosen.lm_scale}, prior scale {chosen.prior_scale}: {chosen.wer_percent:.2f} % WER")
        self.out_lm_scale.set(chosen.lm_scale)
        self.out_prior_scale.set(chosen.prior_scale)


class SearchErrorJob(RecipeJob):
    """Searches a sample of utterances again with a wider beam, to say what the search of the tables missed."""

    def __init__(
        self,
        files: AnySearchFiles,
        search: SearchConfig,
        searches: dict[str, Searched],
        num_segments: int,
        factor: int,
        shift: int = 0,
    ):
        """
        :param search: of the hypotheses; the second search is `search.wider(factor)`
        :param searches: what is sampled, by a name for its output
        :param num_segments: of each; evenly spaced
        :param shift: moves the sample along; the seed of a device, so that devices sample different utterances
        """
        self.files = files
        self.search = search
        self.searches = searches
        self.num_segments = num_segments
        self.factor = factor
        self.shift = shift
        self.out_search_errors = {name: self.output_path(f"search_errors.{name}.json") for name in searches}
        self.rqmt = {"cpu": 1, "mem": 2, "time": 1}

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)

    def estimated_hours(self, rates, audio_h):
        """The samples at the wider beam."""
        sample_h = len(self.searches) * self.num_segments * rates.segment_s / 3600
        return rates.wide_search_factor * rates.search_hours(self.search.beam, sample_h)

    def run(self):
        from recipe.decoding.search_errors import sampled, search_again
        from recipe.formats.hypotheses import read_hypotheses
        from recipe.formats.search_errors import write_search_errors

        for name, one in self.searches.items():
            inputs = sampled(self.files.load(one.segments), self.num_segments, self.shift)
            scales = float(try_get(one.lm_scale)), float(try_get(one.prior_scale))
            narrow = read_hypotheses(one.hypotheses.get_path())
            found = search_again(inputs, narrow, self.search, self.factor, scales)
            write_search_errors(self.out_search_errors[name].get_path(), found)
            missed = sum(utterance.missed for utterance in found.utterances)
            print(f"{name}: {missed} search errors in {len(found.utterances)} utterances", flush=True)
