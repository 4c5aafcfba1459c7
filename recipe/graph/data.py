"""What all systems of an experiment share, from the corpus to the language model."""

from dataclasses import dataclass

from sisyphus import Job, tk

from recipe.corpus.audio_jobs import stored_audio
from recipe.corpus.jobs import SampleSegmentsJob, SegmentCorpusJob, checked_segments, corpus_root
from recipe.features.jobs import LogMelJob
from recipe.lexicon.graph import build_lexicon
from recipe.lm.graph import build_lm
from recipe.lm.jobs import PerplexityJob
from recipe.setup import Setup

EVALUATED = ("dev", "test")


@dataclass(frozen=True, kw_only=True)
class Data:
    """Segments and log-mel features per part, targets, lexicon, language model."""

    segments: dict[str, tk.Path]
    features: dict[str, list[tk.Path]]
    training_features: list[tk.Path]
    """Those of train at every speed."""
    targets: dict[str, tk.Path]
    labels: tk.Path
    lexicon: tk.Path
    lm: tk.Path
    hours: dict[str, float]
    """Of audio in each part, as recorded."""
    training_hours: float
    """Of audio in the training features."""


def prepare_data(setup: Setup, audio_h: dict[Job, float]) -> Data:
    """Corpus, lexicon, language model and features.

    :param audio_h: takes the hours of audio that enter each of the jobs made here
    """
    root = corpus_root(setup.corpus)
    parts = {
        part: SegmentCorpusJob(root, part, setup.padding if part == "train" else None, setup.stm_rules)
        for part in ("train", *EVALUATED)
    }
    segments = {part: checked_segments(setup.corpus, root, part, job.out_segments) for part, job in parts.items()}

    watched = segments["dev"]
    if setup.training_dev_segments is not None:
        watched = SampleSegmentsJob(watched, setup.training_dev_segments).out_segments

    lexicon = build_lexicon(root, parts["train"].out_text, setup.labels)

    texts = {part: job.out_text for part, job in parts.items()}
    lm = build_lm(setup.lm, root, texts, lexicon.vocabulary, setup.resources.language_model)
    for name, path in lm.reports.items():
        tk.register_output(f"{setup.name}/{name}", path)
    for part in EVALUATED:
        perplexity = PerplexityJob(lm.binary, texts[part]).out_perplexity
        tk.register_output(f"{setup.name}/perplexity.{part}", perplexity)
        tk.register_output(f"{setup.name}/corpus.{part}.json", parts[part].out_statistics)
    tk.register_output(f"{setup.name}/corpus.train.json", parts["train"].out_statistics)

    def features_of(part: str, speed_factor: float = 1.0) -> list[tk.Path]:
        audio = stored_audio(root, segments[part], setup.audio, setup.feature_parts)
        job = LogMelJob(*audio, setup.features, setup.feature_parts, speed_factor)
        audio_h[job] = hours[part]
        return job.out_hdfs

    hours = {part: setup.corpus.hours(part) for part in parts}

    features = {part: features_of(part) for part in segments}
    at_speed = {1.0: features["train"]}
    at_speed |= {factor: features_of("train", factor) for factor in setup.speed_factors if factor not in at_speed}
    return Data(
        segments=segments,
        features=features,
        training_features=[hdf for factor in setup.speed_factors for hdf in at_speed[factor]],
        targets={
            "train": lexicon.targets(segments["train"]).out_hdf,
            "dev": lexicon.targets(watched, skip_unknown=True).out_hdf,
        },
        labels=lexicon.labels,
        lexicon=lexicon.decoder_lexicon,
        lm=lm.binary,
        hours=hours,
        training_hours=sum(hours["train"] / factor for factor in setup.speed_factors),
    )
