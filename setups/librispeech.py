"""The experiment that followed the paper: LibriSpeech's 960 hours, 12 blocks of 512, 100 epochs. Needs a GPU and weeks.

Numbers are those of the code that the paper's authors published with it: rwth-i6/i6_experiments,
users/rossenbach/experiments/librispeech/ctc_rnnt_standalone_2024/experiments/ctc_phon/memristor_qat_v2.py at 896d6d2
(docs/paper.md, LibriSpeech).
"""

import os
from dataclasses import replace

from recipe.corpus.librispeech import LibriSpeech
from recipe.corpus.protocol import Corpus
from recipe.corpus.recognised import ANY, corpus_of_environment
from recipe.lexicon.labels import PhonemeLabels
from recipe.lm.config import GivenModel
from recipe.models.conformer import ConformerConfig, paper_conformer
from recipe.setup import ScaleGrid, Setup
from recipe.training.checkpoints import PUBLISHED_CHECKPOINTS
from recipe.training.config import LearningRateSchedule, RAdamConfig, SpecAugmentConfig, TrainingConfig
from setups.tedlium2 import SPEED_FACTORS, resources


def corpus(root: str | None) -> Corpus:
    """The directory `root`, else the one that the environment names, else the archives, to be downloaded.

    That of `root` or LIBRISPEECH_ROOT must hold all of LibriSpeech; CORPUS may be any.
    """
    given = LibriSpeech(root=root) if root else corpus_of_environment(LibriSpeech())
    if isinstance(given, LibriSpeech) and not os.environ.get(ANY):
        whole = LibriSpeech(root=given.root, dictionary=given.dictionary)
        return replace(whole, identity="LibriSpeech") if given.root else whole
    return given


def conformer(num_labels: int) -> ConformerConfig:
    """The paper's model with 512/2048, 8 heads and dropout 0.1."""
    return replace(
        paper_conformer(num_labels),
        model_dim=512,
        feed_forward_dim=2048,
        num_heads=8,
        dropout=0.1,
        inner_dropout=0.1,
        attention_dropout=0.1,
    )


def training() -> TrainingConfig:
    """1,000 sub-epochs of a tenth of the corpus, 360 s of audio per step; as in tedlium2, with a copy at each speed."""
    return TrainingConfig(
        schedule=LearningRateSchedule(up=480, down=480, decay=40),
        partitions=10 * len(SPEED_FACTORS),
        batch_s=360.0,
        laplace_bin_segments=1000,
        optimizer=RAdamConfig(epsilon=1e-12),
        specaugment=SpecAugmentConfig(max_feature_width=16),
    )


def librispeech(root: str | None = None) -> Setup:
    """The setup of the work that followed.

    :param root: directory that holds LibriSpeech; None takes the one that LIBRISPEECH_ROOT names, and without that the
        corpus is downloaded
    """
    labels = PhonemeLabels()
    return Setup(
        name="librispeech",
        corpus=corpus(root),
        labels=labels,
        feature_shards=50,
        speed_factors=SPEED_FACTORS,
        lm=GivenModel(name="4-gram"),
        model=conformer(labels.num_labels),
        training=replace(training(), precision="bfloat16"),
        qat_training=training(),
        training_dev_segments=1000,
        checkpoints=PUBLISHED_CHECKPOINTS,
        scale_grid=ScaleGrid(lm_scales=(1.6, 1.8, 2.0), prior_scales=(0.2, 0.3, 0.4), devices="walk"),
        forward_batch_s=400.0,
        resources=resources(),
    )
