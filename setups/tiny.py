"""A setup for tests: minutes of speech and a few steps. Its error rates mean nothing."""

from dataclasses import replace

from recipe.corpus.mini.config import tiny_corpus
from recipe.models.conformer import small_conformer
from recipe.setup import Calibration, Labels, ScaleGrid, Setup
from recipe.training.config import LearningRateSchedule
from setups.mini import PHONEMES, corpus_of_environment, mini


def tiny(labels: Labels = PHONEMES) -> Setup:
    """The mini setup, with everything that costs time made small."""
    base = mini(labels)
    schedule = LearningRateSchedule(up=1, down=1, decay=1, start=1e-4, peak=1e-3, low=1e-4, final=1e-6)
    training = replace(base.training, schedule=schedule, allow_unlearned=True)
    return replace(
        base,
        name="tiny",
        corpus=corpus_of_environment(tiny_corpus()),
        model=small_conformer(labels.num_labels, num_blocks=2, model_dim=16),
        training=training,
        qat_training=training,
        calibration=Calibration(num_utterances=5),
        search=replace(base.search, beam=16),
        scale_grid=ScaleGrid(lm_scales=(2.0,), prior_scales=(0.0, 0.3)),
        table1_cells=10_000,
    )
