"""The language model jobs of a graph in one call, the same for one model and for a mixture."""

from dataclasses import dataclass, field

from sisyphus import tk

from recipe.corpus.protocol import PreparedCorpus
from recipe.lm.config import MixtureConfig, NgramConfig
from recipe.lm.jobs import KenLmBinaryJob, LmTextJob, NgramJob
from recipe.lm.mixture_jobs import (
    ArpaJob,
    EntropyPruningJob,
    MixtureJob,
    MixtureReportJob,
    MixtureWeightsJob,
    SourceModelJob,
)


@dataclass(frozen=True, kw_only=True)
class LanguageModel:
    """The files of a language model."""

    binary: tk.Path
    """KenLM binary for the search."""
    reports: dict[str, tk.Path] = field(default_factory=dict)
    """How it was made, by file name."""


def build_lm(
    config: NgramConfig | MixtureConfig,
    corpus: PreparedCorpus,
    vocabulary: tk.Path,
    rqmt: dict,
    corpus_report: tk.Path | None = None,
) -> LanguageModel:
    """LM texts and training transcripts -> KenLM binary.

    :param corpus: gives the texts and the transcripts; a mixture is tuned on those of dev
    :param vocabulary: file whose first column lists the words of the model
    :param rqmt: resources of the expensive jobs; lmplz sorts within three quarters of `mem`
    :param corpus_report: what estimation waits for
    :raises InputError: when a mixture names a text that the corpus does not have
    """
    if isinstance(config, NgramConfig):
        text = LmTextJob(list(corpus.lm_texts.all), [corpus.train.text], corpus.text_rule).out_text
        ngram = NgramJob(text, config, vocabulary, corpus_report)
        ngram.rqmt = rqmt
        return LanguageModel(binary=KenLmBinaryJob(ngram.out_arpa).out_binary)
    return build_mixture(config, corpus, vocabulary, rqmt, corpus_report)


def build_mixture(
    config: MixtureConfig,
    corpus: PreparedCorpus,
    vocabulary: tk.Path,
    rqmt: dict,
    corpus_report: tk.Path | None = None,
) -> LanguageModel:
    """A model per text, of the transcripts and of everything -> weights -> mixture -> pruned mixture -> KenLM binary.

    Arguments and errors are those of build_lm.
    """
    files, transcripts, rule = corpus.lm_texts.named(config.texts), corpus.train.text, corpus.text_rule
    together = LmTextJob(list(files.values()), [transcripts], rule).out_text
    sources = {name: LmTextJob([file], [], rule).out_text for name, file in files.items()}
    sources |= {"transcripts": LmTextJob([], [transcripts], rule).out_text, "all": together}

    def costly(job):
        job.rqmt = rqmt
        return job

    models = {
        name: costly(SourceModelJob(text, config.source, vocabulary, corpus_report)).out_model
        for name, text in sources.items()
    }
    weights = costly(MixtureWeightsJob(models, corpus.dev.text)).out_weights
    made = {"mixture": costly(MixtureJob(models, weights)).out_model}
    if config.prune_threshold is not None:
        pruned = costly(EntropyPruningJob(made["mixture"], together, config.prune_threshold))
        made["pruned mixture"] = pruned.out_model
    arpa = costly(ArpaJob(list(made.values())[-1])).out_arpa
    evaluated = {name: part.text for name, part in corpus.evaluated.items()}
    report = costly(MixtureReportJob(models | made, weights, evaluated))
    return LanguageModel(
        binary=costly(KenLmBinaryJob(arpa)).out_binary,
        reports={"language_model.json": report.out_json, "language_model.md": report.out_markdown},
    )
