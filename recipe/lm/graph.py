"""The language model jobs of a graph in one call, the same for one model and for a mixture."""

from dataclasses import dataclass, field

from sisyphus import tk

from recipe.corpus.protocol import PreparedCorpus
from recipe.corpus.remote import RemoteFile
from recipe.corpus.remote_jobs import DownloadFileJob
from recipe.errors import require
from recipe.lm.config import GivenModel, MixtureConfig, NgramConfig
from recipe.lm.given_jobs import LowerCaseArpaJob
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
    config: NgramConfig | MixtureConfig | GivenModel,
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
    :raises InputError: when a mixture names a text, or a given model one, that the corpus does not have
    """
    if isinstance(config, GivenModel):
        return given_model(config, corpus, rqmt)
    if isinstance(config, NgramConfig):
        text = LmTextJob(list(corpus.lm_texts.all), [corpus.train.text], corpus.text_rule).out_text
        ngram = NgramJob(text, config, vocabulary, corpus_report)
        ngram.rqmt = rqmt
        return LanguageModel(binary=KenLmBinaryJob(ngram.out_arpa).out_binary)
    return build_mixture(config, corpus, vocabulary, rqmt, corpus_report)


def given_model(config: GivenModel, corpus: PreparedCorpus, rqmt: dict) -> LanguageModel:
    """A published model, in the case that the corpus is written in -> KenLM binary.

    :raises InputError: when the corpus has none of this name
    """
    known = ", ".join(corpus.language_models) or "none"
    require(
        config.name in corpus.language_models,
        f"the corpus has no language model {config.name!r} (it has {known}); name one of these, or use NgramConfig",
    )
    arpa = corpus.language_models[config.name]
    if isinstance(arpa, RemoteFile):
        arpa = DownloadFileJob(arpa).out_file
    if corpus.text_rule.lower_case:
        arpa = LowerCaseArpaJob(arpa).out_arpa
    binary = KenLmBinaryJob(arpa)
    binary.rqmt = rqmt
    return LanguageModel(binary=binary.out_binary)


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
