"""Scoring job: word error rate with counts, interval, alignment, and the files that sclite reads."""

from sisyphus import Job, Task, tk


class ScoreJob(Job):
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
        import json

        from recipe.corpus.segments import read_segments
        from recipe.decoding.hypotheses import read_hypotheses
        from recipe.files import open_text
        from recipe.scoring.errors import write_utterances
        from recipe.scoring.sclite import write_ctm, write_stm
        from recipe.scoring.score import score
        from recipe.scoring.wer import summary

        segments = list(read_segments(self.segments.get_path()))
        hypotheses = read_hypotheses(self.hypotheses.get_path())
        utterances, alignment = score(segments, hypotheses)
        result = summary(utterances)
        write_stm(self.out_reference_stm.get_path(), segments)
        write_ctm(self.out_ctm.get_path(), segments, hypotheses)
        write_utterances(self.out_utterances.get_path(), utterances)
        with open_text(self.out_alignment.get_path(), "wt") as file:
            file.write(alignment)
        with open_text(self.out_score.get_path(), "wt") as file:
            file.write(json.dumps(result, indent=1) + "\n")
        print(result)
        self.out_wer.set(result["wer_percent"])
