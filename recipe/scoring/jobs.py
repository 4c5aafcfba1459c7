"""Scoring jobs: word error rate with counts, interval, alignment, and the files that sclite reads; the best of some."""

from sisyphus import Task, tk
from sisyphus.tools import try_get

from recipe.job import ShortJob


class ScoreJob(ShortJob):
    """Score hypotheses against the segments that they belong to."""

    def __init__(self, hypotheses: tk.Path, segments: tk.Path):
        """
        :param hypotheses: of exactly the segments, as SearchJob writes them.
        :param segments: the reference; each with words.
        """
        self.hypotheses = hypotheses
        self.segments = segments
        self.out_wer = self.output_var("wer_percent")
        self.out_score = self.output_path("score.json")
        self.out_utterances = self.output_path("utterances.tsv")
        self.out_alignment = self.output_path("alignment.txt")
        self.out_reference_stm = self.output_path("reference.stm")
        self.out_ctm = self.output_path("hypotheses.ctm")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        """Count the errors and write them, by utterance and in all."""
        from recipe.files import open_text
        from recipe.formats.ctm import write_ctm
        from recipe.formats.hypotheses import read_hypotheses
        from recipe.formats.score import write_score
        from recipe.formats.segments import read_segments
        from recipe.formats.stm import write_reference
        from recipe.formats.utterances import write_utterances
        from recipe.scoring.score import score
        from recipe.scoring.wer import summary

        segments = list(read_segments(self.segments.get_path()))
        hypotheses = read_hypotheses(self.hypotheses.get_path())
        utterances, alignment = score(segments, hypotheses)
        result = summary(utterances)
        write_reference(self.out_reference_stm.get_path(), segments)
        write_ctm(self.out_ctm.get_path(), segments, hypotheses)
        write_utterances(self.out_utterances.get_path(), utterances)
        with open_text(self.out_alignment.get_path(), "wt") as file:
            file.write(alignment)
        write_score(self.out_score.get_path(), result)
        print(result)
        self.out_wer.set(result["wer_percent"])


class CheckWerJob(ShortJob):
    """Stops the graph at a model that hardly recognises anything, before devices are made of it."""

    def __init__(self, score: tk.Path, most_percent: float, name: str):
        """
        :param score: ScoreJob.out_score of the model on dev
        :param most_percent: the highest word error rate that passes
        :param name: of the model, for the message
        """
        self.score = score
        self.most_percent = most_percent
        self.name = name
        self.out_passed = self.output_path("passed.txt")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.files import open_text
        from recipe.formats.score import read_score
        from recipe.scoring.wer_limit import require_wer

        verdict = require_wer(read_score(self.score.get_path())["wer_percent"], self.most_percent, self.name)
        with open_text(self.out_passed.get_path(), "wt") as file:
            file.write(f"{verdict}\n")


class BestOnDevJob(ShortJob):
    """Of several ways to recognise with one system, the results of the one with the fewest errors on dev."""

    def __init__(
        self,
        names: list[str],
        dev_scores: list[tk.Path],
        scores: list[tk.Path],
        utterances: list[tk.Path],
        lm_scales: list[float | tk.Variable],
        prior_scales: list[float | tk.Variable],
    ):
        """
        :param names: of the ways; the first of equally good ones wins
        :param dev_scores: ScoreJob.out_score of each on dev
        :param scores: ScoreJob.out_score of each on the part to report, dev or another one
        :param utterances: ScoreJob.out_utterances, likewise
        """
        self.names = names
        self.dev_scores = dev_scores
        self.scores = scores
        self.utterances = utterances
        self.lm_scales = lm_scales
        self.prior_scales = prior_scales
        self.out_name = self.output_var("name")
        self.out_score = self.output_path("score.json")
        self.out_utterances = self.output_path("utterances.tsv")
        self.out_lm_scale = self.output_var("lm_scale")
        self.out_prior_scale = self.output_var("prior_scale")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.files import copy_file
        from recipe.formats.score import read_score

        rates = [read_score(path.get_path())["wer_percent"] for path in self.dev_scores]
        best = rates.index(min(rates))
        print(dict(zip(self.names, rates, strict=True)), "->", self.names[best])
        for source, target in ((self.scores, self.out_score), (self.utterances, self.out_utterances)):
            copy_file(source[best].get_path(), target.get_path())
        self.out_name.set(self.names[best])
        self.out_lm_scale.set(try_get(self.lm_scales[best]))
        self.out_prior_scale.set(try_get(self.prior_scales[best]))
