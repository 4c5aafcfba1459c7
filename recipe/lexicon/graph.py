"""The lexicon jobs of a graph in one call, the same for every label set."""

from dataclasses import dataclass

from sisyphus import tk

from recipe.corpus.protocol import PreparedCorpus
from recipe.lexicon.config import DICTIONARY, DICTIONARY_AND_G2P
from recipe.lexicon.jobs import (
    ApplyG2PJob,
    DecoderLexiconJob,
    FindOovJob,
    LabelInventoryJob,
    LabelTargetsJob,
    ReadDictionaryJob,
    TrainG2PJob,
    TrainSentencePieceJob,
)
from recipe.lexicon.labels import PhonemeLabels, SentencePieceLabels


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The files that the rest of the graph needs of a label set."""

    labels: tk.Path
    """Inventory: a label per line, the blank last."""
    decoder_lexicon: tk.Path
    """Words that search can output: those of the corpus' dictionary alone, or the same as `training_lexicon`."""
    training_lexicon: tk.Path
    """The same, with the other words of the training text."""
    dictionary: tk.Path
    """Pronunciation file of the corpus' dictionary."""
    vocabulary: tk.Path
    """Pronunciation file that covers both dictionary and training text; its words are the LM's vocabulary."""

    def targets(self, segments: tk.Path, skip_unknown: bool = False) -> LabelTargetsJob:
        """Targets of a segment file. An unknown word is an error, or with `skip_unknown` leaves its segment out."""
        return LabelTargetsJob(segments, self.training_lexicon, self.labels, skip_unknown)


def build_lexicon(
    corpus: PreparedCorpus, labels: PhonemeLabels | SentencePieceLabels, search_lexicon: str = DICTIONARY
) -> Lexicon:
    """Dictionary -> G2P for unknown words of the training text -> inventory and lexicons of the label set.

    :param search_lexicon: one of SEARCH_LEXICONS
    """
    dictionary = ReadDictionaryJob(corpus.dictionary, corpus.text_rule).out_pronunciations
    train_text = corpus.train.text
    unknown = FindOovJob(train_text, dictionary).out_words
    extended = ApplyG2PJob(unknown, TrainG2PJob(dictionary).out_model, dictionary).out_pronunciations
    model = TrainSentencePieceJob(train_text, labels).out_model if isinstance(labels, SentencePieceLabels) else None
    searched = extended if search_lexicon == DICTIONARY_AND_G2P else dictionary
    return Lexicon(
        labels=LabelInventoryJob(labels, model).out_labels,
        decoder_lexicon=DecoderLexiconJob(searched, labels, model).out_lexicon,
        training_lexicon=DecoderLexiconJob(extended, labels, model).out_lexicon,
        dictionary=dictionary,
        vocabulary=extended,
    )
