"""The corpus report of a setup in one call."""

from sisyphus import tk

from recipe.corpus.protocol import PreparedCorpus
from recipe.corpus_report.jobs import CorpusReportJob
from recipe.corpus_report.limits import CorpusLimits
from recipe.features.config import LogMelConfig
from recipe.lexicon.graph import Lexicon
from recipe.lm.config import GivenModel, MixtureConfig, NgramConfig


def report_corpus(
    corpus: PreparedCorpus,
    lexicon: Lexicon,
    lm: NgramConfig | MixtureConfig | GivenModel,
    features: LogMelConfig,
    time_reduction: int,
    fastest: float,
    limits: CorpusLimits,
    setup_name: str,
) -> CorpusReportJob:
    """The job for any prepared corpus.

    :param lm: decides which LM texts are looked at: those that it is made from
    :param time_reduction: frames of features per output frame of the model
    :param fastest: the highest speed that training plays segments at
    """
    return CorpusReportJob(
        root=corpus.root,
        segments={name: part.segments for name, part in corpus.parts.items()},
        statistics={name: part.statistics for name, part in corpus.parts.items()},
        transcripts={name: part.transcripts for name, part in corpus.parts.items() if part.transcripts is not None},
        lm_texts=_texts(corpus, lm),
        text_rule=corpus.text_rule,
        given_dictionary=corpus.dictionary,
        dictionary=lexicon.dictionary,
        search_lexicon=lexicon.decoder_lexicon,
        training_lexicon=lexicon.training_lexicon,
        vocabulary=lexicon.vocabulary,
        labels=lexicon.labels,
        features=features,
        time_reduction=time_reduction,
        fastest=fastest,
        limits=limits,
        setup_name=setup_name,
        train=corpus.roles.train,
    )


def _texts(corpus: PreparedCorpus, lm: NgramConfig | MixtureConfig | GivenModel) -> list[tk.Path]:
    if isinstance(lm, GivenModel):  # made elsewhere, of texts that are not here
        return []
    if isinstance(lm, MixtureConfig):
        return list(corpus.lm_texts.named(lm.texts).values())
    return list(corpus.lm_texts.all)
