"""Five hours of read speech (OpenSLR 31, 0.5 GB): a GPU trains on it in an hour, two cores in a night."""

from dataclasses import replace

from recipe.corpus.librispeech import MiniLibriSpeech
from recipe.corpus.recognised import corpus_of_environment
from recipe.lm.config import GivenModel
from recipe.models.conformer import small_conformer
from recipe.setup import Labels, Setup
from recipe.training.config import LearningRateSchedule
from setups.mini import PHONEMES, mini


def mini_librispeech(labels: Labels = PHONEMES) -> Setup:
    """The mini setup with a larger model, more passes, and LibriSpeech's dictionary and pruned 3-gram."""
    base = mini(labels)
    training = replace(
        base.training,
        schedule=LearningRateSchedule(up=20, down=60, decay=20, start=2e-4, peak=2e-3, low=2e-4, final=1e-6),
        partitions=2,
        batch_s=60.0,
    )
    return replace(
        base,
        name="mini_librispeech",
        corpus=corpus_of_environment(MiniLibriSpeech()),
        lm=GivenModel(name="3-gram.pruned.1e-7"),
        model=small_conformer(labels.num_labels, num_blocks=6, model_dim=144, dropout=0.1),
        training=training,
        qat_training=training,
        resources=replace(base.resources, training={**base.resources.training, "time": 12}),
    )
