"""The paper's experiment: TED-LIUM release 2, 12 blocks of 384, 50 epochs. Needs the data, a GPU and days.

Numbers are those of arXiv 2505.24721 and of the code that its authors published with it.
"""

import os
from dataclasses import replace

from recipe.acoustic_model.config import paper_conformer
from recipe.corpus.config import TedliumDirectory
from recipe.lexicon.labels import PhonemeLabels
from recipe.lm.config import MixtureConfig
from recipe.setup import Resources, ScaleGrid, Setup
from recipe.training.config import TrainingConfig, paper_training


def qat_training() -> TrainingConfig:
    """250 sub-epochs of a fifth of the corpus, RAdam, 300 s of audio per step; length bins of 4,000 segments."""
    return paper_training()


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

    :param root: directory in the layout of release 2; None takes the one that TEDLIUM_ROOT names
    """
    labels = PhonemeLabels()
    return Setup(
        name="tedlium2",
        corpus=TedliumDirectory(root=root or os.environ.get("TEDLIUM_ROOT", "TEDLIUM_release2"), identity="release-2"),
        labels=labels,
        feature_parts=20,
        lm=MixtureConfig(),
        model=paper_conformer(labels.num_labels),
        training=float_training(),
        qat_training=qat_training(),
        scales=ScaleGrid(lm_scales=(1.8, 2.0, 2.2, 2.4, 2.6, 2.8), prior_scales=(0.1, 0.3, 0.5, 0.7, 0.9)),
        forward_batch_s=400.0,  # below each of the published limits: 500 s for priors, 1000 s and 437 s for emissions
        resources=resources(),
    )
