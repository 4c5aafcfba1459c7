"""Language model jobs: text -> n-gram in ARPA form -> KenLM binary -> perplexity."""

from sisyphus import Task, tk

from recipe.corpus.text_rule import UNCHANGED, TextRule
from recipe.job import ShortJob
from recipe.lm.config import NgramConfig


class LmTextJob(ShortJob):
    """Join LM texts and transcripts into one normalised text, a sentence per line."""

    __sis_hash_exclude__ = {"text_rule": UNCHANGED}

    def __init__(self, sources: list[tk.Path], transcripts: list[tk.Path], text_rule: TextRule = UNCHANGED):
        """
        :param sources: texts, .gz or plain, or folders of *.en.gz; a trailing `</s>` is dropped
        :param transcripts: texts of the training segments
        :param text_rule: how words are written
        """
        self.sources = sources
        self.transcripts = transcripts
        self.text_rule = text_rule
        self.out_text = self.output_path("text.gz")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 1, "time": 4})

    def run(self):
        from recipe.lm.text import write_text

        texts = [path.get_path() for path in [*self.sources, *self.transcripts]]
        print(f"{write_text(texts, self.out_text.get_path(), self.text_rule)} sentences")


class NgramJob(ShortJob):
    """Estimate an n-gram model with lmplz (modified Kneser-Ney, interpolated)."""

    waits_for = ("corpus_report",)

    def __init__(
        self,
        text: tk.Path,
        config: NgramConfig,
        vocabulary: tk.Path | None = None,
        corpus_report: tk.Path | None = None,
    ):
        """
        :param vocabulary: file whose first column lists the words to keep, such as a lexicon; None keeps all
        :param corpus_report: what must be through first (CorpusReportJob); enters no id
        """
        self.text = text
        self.config = config
        self.vocabulary = vocabulary
        self.corpus_report = corpus_report
        self.out_arpa = self.output_path("lm.arpa.gz")
        self.rqmt = {"cpu": 1, "mem": 2, "time": 4}

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)

    def run(self):
        from recipe.lm.estimate import estimate

        vocabulary = self.vocabulary.get_path() if self.vocabulary is not None else None
        memory_gb = 0.75 * self.rqmt["mem"]  # the rest is for memory that lmplz does not count
        print(estimate(self.text.get_path(), self.out_arpa.get_path(), self.config, memory_gb, ".", vocabulary))


class KenLmBinaryJob(ShortJob):
    """Turn an ARPA model into the binary form that the search maps into memory."""

    def __init__(self, arpa: tk.Path):
        self.arpa = arpa
        self.out_binary = self.output_path("lm.bin")
        self.rqmt = {"cpu": 1, "mem": 2, "time": 1}

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)

    def run(self):
        from recipe.lm.estimate import build_binary

        build_binary(self.arpa.get_path(), self.out_binary.get_path(), ".")


class PerplexityJob(ShortJob):
    """Perplexity of a binary model on a text (a sentence per line)."""

    def __init__(self, binary: tk.Path, text: tk.Path):
        self.binary = binary
        self.text = text
        self.out_perplexity = self.output_var("perplexity")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.lm.perplexity import perplexity

        measured = perplexity(self.binary.get_path(), self.text.get_path())
        print(measured)
        self.out_perplexity.set(measured)
