"""The embedded default: a generated corpus and a small Conformer that two CPU cores train in minutes."""

from dataclasses import replace

from recipe.corpus.mini.config import MiniCorpusConfig
from recipe.corpus.recognised import corpus_of_environment
from recipe.decoding.config import SearchConfig, SearchErrorSample
from recipe.estimates import Rates
from recipe.features.config import LogMelConfig
from recipe.lexicon.labels import PhonemeLabels
from recipe.lm.config import NgramConfig
from recipe.models.conformer import ConformerConfig, small_conformer
from recipe.setup import Labels, ScaleGrid, Setup
from recipe.training.config import LearningRateSchedule, RAdamConfig, SpecAugmentConfig, TrainingConfig

PHONEMES = PhonemeLabels()

# As the paper's rows took on mini (docs/results/paper_tables/stages.md): small layers get less done in a second of
# training than large ones, and a small vocabulary is searched faster.
RATES = Rates(training_factor=7.5, device_factor=2.6, search_speed=68.0, segment_s=3.8)

CORPUS = MiniCorpusConfig(train_minutes=120.0, dev_minutes=20.0, test_minutes=20.0, snr_db=(4.0, 20.0))


def training(peak: float) -> TrainingConfig:
    """Short batches: without a GPU, updates count and not throughput."""
    return TrainingConfig(
        schedule=LearningRateSchedule(up=3, down=12, decay=3, start=peak / 10, peak=peak, low=peak / 10, final=1e-6),
        partitions=3,
        batch_s=15.0,
        laplace_bin_segments=100,
        optimizer=RAdamConfig(betas=(0.9, 0.98)),  # leaves CTC's blank plateau some hundred updates earlier than 0.999
        specaugment=SpecAugmentConfig(max_time_width=10, min_feature_masks=1, max_feature_masks=2),
        keep_last=2,
        keep_best=0,
    )


def conformer(labels: Labels = PHONEMES) -> ConformerConfig:
    """The acoustic model of `mini`."""
    return small_conformer(labels.num_labels, num_blocks=4, model_dim=96, dropout=0.05)


def mini_of_size(width: int, blocks: int) -> Setup:
    """`mini` with a model of another width and depth, under a name of its own."""
    model = small_conformer(PHONEMES.num_labels, num_blocks=blocks, model_dim=width, dropout=0.05)
    return replace(mini(), name=f"mini.{width}x{blocks}", model=model)


def mini(labels: Labels = PHONEMES, device_scales: str = "digital") -> Setup:
    """About two hours of training speech by 48 voices in noise, 4 blocks of 96; docs/mini.md says why these figures.

    :param device_scales: ScaleGrid.devices; `walk` where hardware may move the best scales far from the digital ones
    """
    return Setup(
        name="mini",
        corpus=corpus_of_environment(CORPUS),
        labels=labels,
        features=LogMelConfig(normalise_bands=True),
        lm=NgramConfig(discount_fallback=True),
        model=conformer(labels),
        training=training(peak=2e-3),
        qat_training=training(peak=2e-3),
        training_dev_segments=100,
        search=SearchConfig(beam=512, beam_labels=24, beam_threshold=16.0),
        search_errors=SearchErrorSample(digital_segments=30, device_segments=3),
        scale_grid=ScaleGrid(
            lm_scales=(1.7, 2.0, 2.3), prior_scales=(0.3, 0.5, 0.7, 0.9), digital="walk", devices=device_scales
        ),
        rates=RATES,
    )
