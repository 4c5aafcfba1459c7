"""Jobs of a mixture: a model per source -> weights -> one model -> pruned model -> ARPA, and a report."""

import json

from sisyphus import Task, tk

from recipe.files import open_text, read_json
from recipe.job import ShortJob
from recipe.lm.config import NgramConfig


class MixtureStep(ShortJob):
    """Base of the jobs here: one task whose resources the graph may set."""

    rqmt = {"cpu": 1, "mem": 2, "time": 1}

    def tasks(self):
        yield Task("run", resume="run", rqmt=self.rqmt)


class SourceModelJob(MixtureStep):
    """Estimate a model of one text over a closed vocabulary (modified Kneser-Ney, interpolated)."""

    waits_for = ("corpus_report",)

    def __init__(self, text: tk.Path, config: NgramConfig, vocabulary: tk.Path, corpus_report: tk.Path | None = None):
        """
        :param vocabulary: file whose first column lists the words; all others become the unknown word
        :param corpus_report: what must be through first (CorpusReportJob); enters no id
        """
        self.text = text
        self.config = config
        self.vocabulary = vocabulary
        self.corpus_report = corpus_report
        self.out_model = self.output_path("model", directory=True)

    def run(self):
        from recipe.lm.estimate import vocabulary_words
        from recipe.lm.source_model import estimate_source
        from recipe.lm.table import shared_words

        words = shared_words(vocabulary_words(self.vocabulary.get_path()))
        memory_gb = 0.75 * self.rqmt["mem"]  # the rest is for what lmplz does not count
        table = estimate_source(self.text.get_path(), words, self.config, memory_gb, ".")
        table.save(self.out_model.get_path())


class MixtureWeightsJob(MixtureStep):
    """Weights under which the models together predict a text best."""

    def __init__(self, models: dict[str, tk.Path], text: tk.Path):
        self.models = models
        self.text = text
        self.out_weights = self.output_path("weights.json")

    def run(self):
        from recipe.lm.mixture import mixture_weights
        from recipe.lm.table import NgramTable, text_probabilities

        paths = (model.get_path() for model in self.models.values())
        weights = mixture_weights([text_probabilities(NgramTable.load(path), self.text.get_path()) for path in paths])
        with open_text(self.out_weights.get_path(), "wt") as file:
            json.dump(dict(zip(self.models, weights.tolist(), strict=True)), file, indent=1)


class MixtureJob(MixtureStep):
    """A single model of the weighted sum."""

    def __init__(self, models: dict[str, tk.Path], weights: tk.Path):
        self.models = models
        self.weights = weights
        self.out_model = self.output_path("model", directory=True)

    def run(self):
        from recipe.lm.mixture import mix
        from recipe.lm.table import NgramTable

        weights = read_json(self.weights.get_path())
        tables = [NgramTable.load(self.models[name].get_path()) for name in weights]
        mix(tables, list(weights.values())).save(self.out_model.get_path())


class EntropyPruningJob(MixtureStep):
    """Remove the n-grams whose loss raises the perplexity by less than a threshold."""

    def __init__(self, model: tk.Path, text: tk.Path, threshold: float):
        """:param text: how often each history occurs is counted in it"""
        self.model = model
        self.text = text
        self.threshold = threshold
        self.out_model = self.output_path("model", directory=True)

    def run(self):
        from recipe.lm.entropy_pruning import history_shares, prune
        from recipe.lm.table import NgramTable

        table = NgramTable.load(self.model.get_path())
        shares = history_shares(table, self.text.get_path())
        prune(table, shares, self.threshold).save(self.out_model.get_path())


class ArpaJob(MixtureStep):
    """The model in ARPA form."""

    def __init__(self, model: tk.Path):
        self.model = model
        self.out_arpa = self.output_path("lm.arpa.gz")

    def run(self):
        from recipe.lm.arpa import write_arpa
        from recipe.lm.table import NgramTable

        write_arpa(NgramTable.load(self.model.get_path()), self.out_arpa.get_path())


class MixtureReportJob(MixtureStep):
    """Size and perplexity of each source, of the mixture and of the pruned mixture, as JSON and Markdown."""

    def __init__(self, models: dict[str, tk.Path], weights: tk.Path, texts: dict[str, tk.Path]):
        """:param models: the sources and the models made of them; a name without a weight is a mixture"""
        self.models = models
        self.weights = weights
        self.texts = texts
        self.out_json = self.output_path("language_model.json")
        self.out_markdown = self.output_path("language_model.md")

    def run(self):
        from recipe.lm.mixture_report import measured, table_of

        weights = read_json(self.weights.get_path())
        texts = {part: path.get_path() for part, path in self.texts.items()}
        rows = [measured(name, path.get_path(), weights.get(name), texts) for name, path in self.models.items()]
        with open_text(self.out_json.get_path(), "wt") as file:
            json.dump(rows, file, indent=1)
        with open_text(self.out_markdown.get_path(), "wt") as file:
            file.write(table_of(rows, list(texts)))
