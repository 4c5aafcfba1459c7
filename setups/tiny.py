"""A setup for tests: an easy task of some forty words, which a small model learns in a minute of one core."""

from dataclasses import replace

from recipe.corpus.mini.config import tiny_corpus
from recipe.corpus.recognised import corpus_of_environment
from recipe.decoding.config import SearchErrorSample
from recipe.models.conformer import small_conformer
from recipe.setup import Calibration, Labels, ScaleGrid, Setup
from recipe.training.config import LearningRateSchedule, SpecAugmentConfig
from setups.mini import PHONEMES, mini


def tiny(labels: Labels = PHONEMES) -> Setup:
    """The mini setup with an easy task, and with everything that costs time made small."""
    base = mini(labels)
    training = replace(
        base.training,
        schedule=LearningRateSchedule(up=3, down=12, decay=3, start=3e-4, peak=3e-3, low=3e-4, final=1e-5),
        partitions=3,
        batch_s=10.0,
        specaugment=SpecAugmentConfig(
            min_time_masks=1,
            frames_per_time_mask=100,
            max_time_width=8,
            min_feature_masks=1,
            max_feature_masks=1,
            max_feature_width=6,
        ),
    )
    model = small_conformer(labels.num_labels, num_blocks=2, model_dim=48, dropout=0.05)
    return replace(
        base,
        name="tiny",
        corpus=corpus_of_environment(tiny_corpus()),
        model=replace(model, frontend_channels=(4, 4, 8, 8)),
        training=training,
        qat_training=training,
        calibration=Calibration(num_utterances=20),
        search=replace(base.search, beam=64),
        search_errors=SearchErrorSample(digital_segments=4, device_segments=2),
        scale_grid=ScaleGrid(lm_scales=(1.0, 2.0), prior_scales=(0.0, 0.3)),
        table1_cells=10_000,
    )
