"""The language model part of a graph in one call, the same for one model and for a mixture."""

from dataclasses import dataclass, field

from sisyphus import tk

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
    """What the search takes, and by file name what tells how it came about."""

    binary: tk.Path
    reports: dict[str, tk.Path] = field(default_factory=dict)


def build_lm(
    config: NgramConfig | MixtureConfig, root: tk.Path, texts: dict[str, tk.Path], vocabulary: tk.Path, rqmt: dict
) -> LanguageModel:
    """LM texts and training transcripts -> KenLM binary.

    :param root: corpus in the layout of release 2.
    :param texts: transcripts of train, dev and test; a mixture is tuned on dev.
    :param vocabulary: file whose first column lists the words of the model.
    :param rqmt: what the costly jobs ask for; lmplz sorts within three quarters of `mem`.
    """
    if isinstance(config, NgramConfig):
        text = LmTextJob([root.join_right("LM")], [texts["train"]]).out_text
        ngram = NgramJob(text, config, vocabulary)
        ngram.rqmt = rqmt
        return LanguageModel(binary=KenLmBinaryJob(ngram.out_arpa).out_binary)
    return build_mixture(config, root, texts, vocabulary, rqmt)


def build_mixture(
    config: MixtureConfig, root: tk.Path, texts: dict[str, tk.Path], vocabulary: tk.Path, rqmt: dict
) -> LanguageModel:
    files = [root.join_right(f"LM/{name}.en.gz") for name in config.texts]
    together = LmTextJob(files, [texts["train"]]).out_text
    sources = {name: LmTextJob([file], []).out_text for name, file in zip(config.texts, files, strict=True)}
    sources |= {"transcripts": LmTextJob([], [texts["train"]]).out_text, "all": together}

    def costly(job):
        job.rqmt = rqmt
        return job

    models = {name: costly(SourceModelJob(text, config.source, vocabulary)).out_model for name, text in sources.items()}
    weights = costly(MixtureWeightsJob(models, texts["dev"])).out_weights
    made = {"mixture": costly(MixtureJob(models, weights)).out_model}
    if config.prune_threshold is not None:
        pruned = costly(EntropyPruningJob(made["mixture"], together, config.prune_threshold))
        made["pruned mixture"] = pruned.out_model
    arpa = costly(ArpaJob(list(made.values())[-1])).out_arpa
    evaluated = {part: text for part, text in texts.items() if part != "train"}
    report = costly(MixtureReportJob(models | made, weights, evaluated))
    return LanguageModel(
        binary=costly(KenLmBinaryJob(arpa)).out_binary,
        reports={"language_model.json": report.out_json, "language_model.md": report.out_markdown},
    )
