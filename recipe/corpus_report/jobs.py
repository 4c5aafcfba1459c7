"""The corpus report job."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.corpus.text_rule import TextRule
from recipe.corpus_report.limits import CorpusLimits
from recipe.features.config import LogMelConfig
from recipe.job import ShortJob


class CorpusReportJob(ShortJob):
    """What is odd about a corpus, before anything long runs: JSON and a page of text.

    Fails with one sentence where a limit that stops is exceeded; the page is then written all the same.
    """

    def __init__(
        self,
        root: tk.Path,
        segments: dict[str, tk.Path],
        statistics: dict[str, tk.Path],
        transcripts: dict[str, tk.Path],
        lm_texts: list[tk.Path],
        text_rule: TextRule,
        given_dictionary: tk.Path,
        dictionary: tk.Path,
        search_lexicon: tk.Path,
        training_lexicon: tk.Path,
        vocabulary: tk.Path,
        labels: tk.Path,
        features: LogMelConfig,
        time_reduction: int,
        fastest: float,
        limits: CorpusLimits,
        setup_name: str,
        train: str,
    ):
        """
        :param root: directory that recordings are relative to
        :param segments: segment file of each part
        :param statistics: JSON file of each part
        :param transcripts: folder of .stm files of each part that was made from such
        :param lm_texts: files, or folders of *.en.gz
        :param text_rule: that the lexicon and LM jobs apply
        :param given_dictionary: the dictionary as the corpus gives it, for messages
        :param dictionary: pronunciation file of it
        :param search_lexicon: words that search can output
        :param training_lexicon: words with the labels of targets
        :param vocabulary: pronunciation file whose words are those of the language model
        :param labels: inventory
        :param features: decides how many frames a segment has
        :param time_reduction: frames of features per output frame of the model
        :param fastest: the highest speed that training plays segments at
        :param limits: what warns and what stops
        :param setup_name: title of the page
        :param train: the part that is trained on; all others are evaluated
        """
        self.root = root
        self.segments = segments
        self.statistics = statistics
        self.transcripts = transcripts
        self.lm_texts = lm_texts
        self.text_rule = text_rule
        self.given_dictionary = given_dictionary
        self.dictionary = dictionary
        self.search_lexicon = search_lexicon
        self.training_lexicon = training_lexicon
        self.vocabulary = vocabulary
        self.labels = labels
        self.features = features
        self.time_reduction = time_reduction
        self.fastest = fastest
        self.limits = limits
        self.setup_name = setup_name
        self.train = train
        self.out_report = self.output_path("corpus_report.json")
        self.out_page = self.output_path("corpus_report.txt")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 4, "time": 2})

    def run(self):
        """Look at everything, write it down, then stop if a limit says so."""
        import json

        from recipe.corpus_report.findings import stopping_sentence
        from recipe.corpus_report.page import page, values
        from recipe.corpus_report.report import corpus_report
        from recipe.errors import InputError
        from recipe.files import open_text

        report = corpus_report(*self._read())
        text = page(report, self.setup_name, self.limits)
        with open_text(self.out_page.get_path(), "wt") as file:
            file.write(text)
        print(text, flush=True)
        stop = stopping_sentence(report.findings, self.limits, self.out_page.get_path())
        if stop:
            raise InputError(stop)
        with open_text(self.out_report.get_path(), "wt") as file:
            json.dump(values(report, self.setup_name, self.limits), file, indent=1, ensure_ascii=False)

    def _read(self):
        """The arguments of `corpus_report`."""
        from recipe.corpus.layout import dictionary_path
        from recipe.corpus_report.known_words import known_words
        from recipe.corpus_report.report import CorpusFiles
        from recipe.corpus_report.segment_checks import LabelCounts, OutputFrames
        from recipe.formats.labels import read_labels
        from recipe.formats.lexicon import read_lexicon
        from recipe.formats.segments import read_segments
        from recipe.lexicon.dictionary import iterate_words
        from recipe.lm.text import text_files

        order = sorted(self.segments, key=lambda part: part != self.train)
        labels = self.labels.get_path()
        files = CorpusFiles(
            root=self.root.get_path(),
            statistics={part: path.get_path() for part, path in self.statistics.items()},
            transcripts={part: path.get_path() for part, path in self.transcripts.items()},
            dictionary=dictionary_path(Path(self.given_dictionary.get_path())).name,
            lm_texts=[file for path in self.lm_texts for file in text_files(path.get_path())],
        )
        known = known_words(
            iterate_words(self.dictionary.get_path()),
            (word for word, _ in read_lexicon(self.search_lexicon.get_path(), read_labels(labels))),
            iterate_words(self.vocabulary.get_path()),
        )
        segments = {part: list(read_segments(self.segments[part].get_path())) for part in order}
        frames = OutputFrames(features=self.features, time_reduction=self.time_reduction, fastest=self.fastest)
        return files, segments, known, LabelCounts(self.training_lexicon.get_path(), labels), frames, self.text_rule
