"""The lexicon jobs: dictionary, words it lacks, G2P, labels, lexicons and targets."""

from pathlib import Path

from sisyphus import Task, tk

from recipe.corpus.text_rule import UNCHANGED, TextRule
from recipe.errors import InputError
from recipe.identity import renamed
from recipe.job import ShortJob
from recipe.lexicon.labels import PhonemeLabels, SentencePieceLabels

_SMALL = {"cpu": 1, "mem": 2, "time": 1}


class ReadDictionaryJob(ShortJob):
    """The dictionary of the corpus as a pronunciation file, checked and with its known flaws corrected."""

    __sis_hash_exclude__ = {"text_rule": UNCHANGED}

    def __init__(self, dictionary: tk.Path, text_rule: TextRule = UNCHANGED):
        """
        :param dictionary: the file, or a folder with one *.dic
        :param text_rule: how words are written
        """
        self.dictionary = dictionary
        self.text_rule = text_rule
        self.out_pronunciations = self.output_path("pronunciations.txt")

    @classmethod
    def hash(cls, parsed_args):
        """Published ids were made when the argument was the root of the corpus."""
        return super().hash(renamed(parsed_args, dictionary="root"))

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.corpus.layout import dictionary_path
        from recipe.lexicon.dictionary import read_dictionary, write_pronunciations
        from recipe.lexicon.ruled import ruled

        words = ruled(read_dictionary(dictionary_path(Path(self.dictionary.get_path()))), self.text_rule)
        write_pronunciations(self.out_pronunciations.get_path(), words)


class FindOovJob(ShortJob):
    """Words of a text that have no pronunciation."""

    def __init__(self, text: tk.Path, pronunciations: tk.Path):
        self.text = text
        self.pronunciations = pronunciations
        self.out_words = self.output_path("words.txt")
        self.out_counts = self.output_path("counts.json")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        import json

        from recipe.files import open_text
        from recipe.lexicon.dictionary import find_oov, iterate_words

        with open_text(self.text.get_path()) as lines:
            counts = find_oov(lines, iterate_words(self.pronunciations.get_path()))
        with open_text(self.out_counts.get_path(), "wt") as file:
            json.dump(counts, file, indent=2, ensure_ascii=False)
        with open_text(self.out_words.get_path(), "wt") as file:
            file.writelines(f"{word}\n" for word in counts)


class TrainG2PJob(ShortJob):
    """A grapheme-to-phoneme model from the first pronunciation of every word."""

    def __init__(self, pronunciations: tk.Path):
        self.pronunciations = pronunciations
        self.out_model = self.output_path("model.fst")

    def tasks(self):
        yield Task("run", resume="run", rqmt={"cpu": 1, "mem": 4, "time": 2})

    def run(self):
        from recipe.lexicon.dictionary import read_pronunciations
        from recipe.lexicon.g2p import train_g2p

        train_g2p(read_pronunciations(self.pronunciations.get_path()), self.out_model.get_path())


class ApplyG2PJob(ShortJob):
    """The pronunciations, extended by one for each of `words`."""

    def __init__(self, words: tk.Path, model: tk.Path, pronunciations: tk.Path):
        self.words = words
        self.model = model
        self.pronunciations = pronunciations
        self.out_pronunciations = self.output_path("pronunciations.txt")
        self.out_added = self.output_path("added.txt")

    def tasks(self):
        yield Task("run", resume="run", rqmt=_SMALL)

    def run(self):
        from recipe.files import open_text
        from recipe.lexicon.dictionary import read_pronunciations, write_pronunciations
        from recipe.lexicon.g2p import apply_g2p

        with open_text(self.words.get_path()) as file:
            added = apply_g2p(file.read().split(), self.model.get_path())
        write_pronunciations(self.out_added.get_path(), added)
        extended = read_pronunciations(self.pronunciations.get_path()) | added
        write_pronunciations(self.out_pronunciations.get_path(), extended)


class TrainSentencePieceJob(ShortJob):
    """A SentencePiece model of `labels.size` pieces from a text."""

    def __init__(self, text: tk.Path, labels: SentencePieceLabels):
        self.text = text
        self.labels = labels
        self.out_model = self.output_path("sentencepiece.model")

    def tasks(self):
        yield Task("run", resume="run", rqmt=_SMALL)

    def run(self):
        from recipe.lexicon.sentencepiece_model import train_sentencepiece

        train_sentencepiece(self.text.get_path(), self.labels, self.out_model.get_path())


def trained(path: tk.Path | None) -> tk.Path:
    """The file of a SentencePiece model.

    :raises InputError: when a job for sub-word labels was given none
    """
    if path is None:
        raise InputError("SentencePieceLabels need the output of TrainSentencePieceJob; give it as `model`")
    return path


class LabelInventoryJob(ShortJob):
    """labels.txt: the labels in index order, the blank last."""

    def __init__(self, labels: PhonemeLabels | SentencePieceLabels, model: tk.Path | None = None):
        """:param model: output of TrainSentencePieceJob, for SentencePieceLabels"""
        self.labels = labels
        self.model = model
        self.out_labels = self.output_path("labels.txt")

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.formats.labels import write_labels
        from recipe.lexicon.sentencepiece_model import SentencePieceSpeller

        if isinstance(self.labels, PhonemeLabels):
            inventory = list(self.labels.inventory)
        else:
            inventory = SentencePieceSpeller(trained(self.model).get_path()).inventory
        write_labels(self.out_labels.get_path(), inventory)


class DecoderLexiconJob(ShortJob):
    """Words with their label sequences, `word LABEL LABEL ...`: for search, and for making targets."""

    def __init__(
        self, pronunciations: tk.Path, labels: PhonemeLabels | SentencePieceLabels, model: tk.Path | None = None
    ):
        """
        :param pronunciations: pronunciation file; sub-word labels use its words alone
        :param model: as in LabelInventoryJob; words with a letter that no piece has are then left out and listed in
            `out_unspellable`
        """
        self.pronunciations = pronunciations
        self.labels = labels
        self.model = model
        self.out_lexicon = self.output_path("lexicon.txt")
        self.out_unspellable = self.output_path("unspellable.txt") if model else None

    def tasks(self):
        yield Task("run", resume="run", mini_task=True)

    def run(self):
        from recipe.files import open_text
        from recipe.formats.lexicon import write_lexicon
        from recipe.lexicon.dictionary import iterate_words, read_pronunciations
        from recipe.lexicon.sentencepiece_model import SentencePieceSpeller

        source = self.pronunciations.get_path()
        if isinstance(self.labels, PhonemeLabels):
            spell, words = self.labels.spell, read_pronunciations(source)
            entries = [(word, list(spell(phones))) for word, variants in words.items() for phones in variants]
        else:
            entries, unspellable = SentencePieceSpeller(trained(self.model).get_path()).lexicon(iterate_words(source))
            print(f"{len(unspellable)} word(s) cannot be spelled: {' '.join(unspellable[:10])}")
            with open_text(trained(self.out_unspellable).get_path(), "wt") as file:
                file.writelines(f"{word}\n" for word in unspellable)
        write_lexicon(self.out_lexicon.get_path(), entries)


class LabelTargetsJob(ShortJob):
    """Label ids of every segment, HDF."""

    def __init__(self, segments: tk.Path, lexicon: tk.Path, labels: tk.Path, skip_unknown: bool = False):
        """
        :param lexicon: output of DecoderLexiconJob
        :param labels: output of LabelInventoryJob
        :param skip_unknown: leave out and count segments with a word outside the lexicon instead of an error
        """
        self.segments = segments
        self.lexicon = lexicon
        self.labels = labels
        self.skip_unknown = skip_unknown
        self.out_hdf = self.output_path("targets.hdf")
        self.out_skipped = self.output_path("skipped.json")

    def tasks(self):
        yield Task("run", resume="run", rqmt=_SMALL)

    def run(self):
        from recipe.lexicon.targets import write_targets

        write_targets(
            self.segments.get_path(),
            self.lexicon.get_path(),
            self.labels.get_path(),
            self.out_hdf.get_path(),
            self.out_skipped.get_path(),
            self.skip_unknown,
        )
