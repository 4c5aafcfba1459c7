"""What all systems of an experiment share, from the corpus to the language model."""

from collections.abc import Mapping
from dataclasses import dataclass

from sisyphus import Job, tk

from recipe.corpus.jobs import SampleSegmentsJob
from recipe.corpus.protocol import PreparedCorpus
from recipe.corpus_report.graph import report_corpus
from recipe.features.jobs import LogMelJob
from recipe.lexicon.graph import build_lexicon
from recipe.lm.graph import build_lm
from recipe.lm.jobs import PerplexityJob
from recipe.setup import Setup


@dataclass(frozen=True, kw_only=True)
class Data:
    """Segments and log-mel features of every part, training targets, lexicon, language model."""

    segments: Mapping[str, tk.Path]
    """Segment file of each part, by its name."""
    features: Mapping[str, list[tk.Path]]
    """HDF files of each part at its recorded speed, by the part's name."""
    training_features: list[tk.Path]
    """HDF files of the training part at every speed."""
    training_targets: tk.Path
    """Label ids of the training part."""
    dev_targets: tk.Path
    """Label ids of the dev segments that the dev loss is computed on."""
    labels: tk.Path
    """Label inventory."""
    lexicon: tk.Path
    """Lexicon of the search."""
    lm: tk.Path
    """KenLM binary of the search."""
    corpus_report: tk.Path
    """JSON of the corpus report, which features, language model and trainings wait for."""
    hours: Mapping[str, float]
    """Hours of audio in each part at its recorded speed, by the part's name."""
    training_hours: float
    """Hours of audio in the training features."""
    audio_root: tk.Path | None
    """What the recordings are relative to, if pages may hold some; None for recordings of people."""


def prepare_data(setup: Setup, audio_h: dict[Job, float]) -> Data:
    """Corpus, lexicon, language model and features.

    :param audio_h: receives the hours of audio that enter each of the jobs made here
    """
    corpus = setup.corpus.prepare()
    lexicon = build_lexicon(corpus, setup.labels, setup.search_lexicon)
    report = report_corpus(
        corpus,
        lexicon,
        setup.lm,
        setup.features,
        setup.model.time_reduction,
        max(setup.speed_factors),
        setup.corpus_limits,
        setup.name,
    )
    tk.register_output(f"{setup.name}/corpus_report.json", report.out_report)
    tk.register_output(f"{setup.name}/corpus_report.txt", report.out_page)
    first = report.out_report  # nothing long starts before it is there
    lm = build_lm(setup.lm, corpus, lexicon.vocabulary, setup.resources.language_model, first)
    for name, path in lm.reports.items():
        tk.register_output(f"{setup.name}/{name}", path)
    _register_statistics(setup.name, corpus, lm.binary)

    hours = {part: setup.corpus.hours(part) for part in corpus.roles}
    train = corpus.roles.train

    def features_of(part: str, speed_factor: float = 1.0) -> list[tk.Path]:
        segments = corpus.parts[part].segments
        job = LogMelJob(corpus.root, segments, setup.features, setup.feature_shards, speed_factor, first)
        audio_h[job] = hours[part]
        return job.out_hdfs

    features = {part: features_of(part) for part in corpus.roles}
    at_speed = {1.0: features[train]}
    at_speed |= {factor: features_of(train, factor) for factor in setup.speed_factors if factor not in at_speed}
    return Data(
        segments={name: part.segments for name, part in corpus.parts.items()},
        features=features,
        training_features=[hdf for factor in setup.speed_factors for hdf in at_speed[factor]],
        training_targets=lexicon.targets(corpus.train.segments).out_hdf,
        dev_targets=lexicon.targets(_dev_loss_segments(setup, corpus), skip_unknown=True).out_hdf,
        labels=lexicon.labels,
        lexicon=lexicon.decoder_lexicon,
        lm=lm.binary,
        corpus_report=first,
        hours=hours,
        training_hours=sum(hours[train] / factor for factor in setup.speed_factors),
        audio_root=corpus.root if getattr(setup.corpus, "is_generated", False) else None,
    )


def _dev_loss_segments(setup: Setup, corpus: PreparedCorpus) -> tk.Path:
    """The segments that the dev loss is computed on after every sub-epoch."""
    if setup.training_dev_segments is None:
        return corpus.dev.segments
    return SampleSegmentsJob(corpus.dev.segments, setup.training_dev_segments).out_segments


def _register_statistics(setup_name: str, corpus: PreparedCorpus, lm: tk.Path) -> None:
    """Counts of every part, and the perplexity of its transcripts where systems are scored on it."""
    for name, part in corpus.evaluated.items():
        tk.register_output(f"{setup_name}/perplexity.{name}", PerplexityJob(lm, part.text).out_perplexity)
        tk.register_output(f"{setup_name}/corpus.{name}.json", part.statistics)
    tk.register_output(f"{setup_name}/corpus.{corpus.roles.train}.json", corpus.train.statistics)
