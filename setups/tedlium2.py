"""The paper's experiment: TED-LIUM release 2, 12 blocks of 384, 50 epochs. Needs the data, a GPU and days.

Numbers are those of arXiv 2505.24721 and of the code that its authors published with it.
"""

import os
from dataclasses import replace

from recipe.corpus.protocol import Corpus
from recipe.corpus.recognised import ANY, corpus_of_environment
from recipe.corpus.tedlium import LM_TEXTS, PUBLISHED_COUNTS, TedliumArchive, TedliumDirectory
from recipe.lexicon.labels import PhonemeLabels
from recipe.lm.config import MixtureConfig
from recipe.models.conformer import paper_conformer
from recipe.setup import Resources, ScaleGrid, Setup
from recipe.training.checkpoints import PUBLISHED_CHECKPOINTS
from recipe.training.config import TrainingConfig, paper_training

# Published as the rate that speech is resampled to, times 16 kHz and then taken for 16 kHz: 0.9 plays faster.
SPEED_FACTORS = tuple(1.0 / rate for rate in (1.0, 0.9, 1.1))
LM_SCALES = (1.8, 2.0, 2.2, 2.4, 2.6, 2.8)


def corpus(root: str | None) -> Corpus:
    """The directory `root`, else the one that the environment names, else the archive, to be downloaded.

    That of `root` or TEDLIUM_ROOT must be release 2 as published; CORPUS may be any.
    """
    given = TedliumDirectory(root=root) if root else corpus_of_environment(TedliumArchive())
    if isinstance(given, TedliumDirectory) and not os.environ.get(ANY):
        return replace(given, identity="TEDLIUM_release2", expected=PUBLISHED_COUNTS)
    return given


def qat_training() -> TrainingConfig:
    """250 sub-epochs of a fifth of the corpus, RAdam, 300 s of audio per step; length bins of 4,000 segments.

    Where the published code draws a speed for each utterance anew, this corpus holds a copy at each speed, and an
    epoch has three times as many partitions: a sub-epoch is as long as published, and each segment comes up 50 times,
    50 / 3 times at each speed on average.
    """
    return replace(paper_training(), partitions=5 * len(SPEED_FACTORS))


def float_training() -> TrainingConfig:
    """The matched float baseline differs in one number, as published: length bins of 1,000 segments."""
    return replace(qat_training(), laplace_bin_segments=1000)


def resources() -> Resources:
    """What to ask a cluster for: training as the authors did; a GPU for whatever runs a model over much audio."""
    return Resources(
        training={"cpu": 6, "mem": 24, "gpu": 1, "time": 168},
        forward={"cpu": 4, "mem": 24, "gpu": 1, "time": 24},
        programming={"cpu": 4, "mem": 24, "gpu": 0, "time": 12},
        search={"cpu": 1, "mem": 16, "time": 24},
        language_model={"cpu": 4, "mem": 64, "time": 24},
    )


def tedlium2(root: str | None = None) -> Setup:
    """The paper's setup.

    :param root: directory in the layout of release 2; None takes the one that TEDLIUM_ROOT names, and without that the
        corpus is downloaded
    """
    labels = PhonemeLabels()
    return Setup(
        name="tedlium2",
        corpus=corpus(root),
        labels=labels,
        feature_shards=20,
        speed_factors=SPEED_FACTORS,
        lm=MixtureConfig(texts=LM_TEXTS),
        model=paper_conformer(labels.num_labels),
        training=float_training(),
        qat_training=qat_training(),
        checkpoints=PUBLISHED_CHECKPOINTS,
        # Published device rows have the fixed pair of scales alone; those tuned beside them need no whole grid.
        scale_grid=ScaleGrid(lm_scales=LM_SCALES, prior_scales=(0.1, 0.3, 0.5, 0.7, 0.9), devices="walk"),
        ptq_scale_grid=ScaleGrid(lm_scales=LM_SCALES, prior_scales=(0.5, 0.7, 0.9, 1.1)),
        forward_batch_s=400.0,  # below each of the published limits: 500 s for priors, 1000 s and 437 s for emissions
        resources=resources(),
    )
