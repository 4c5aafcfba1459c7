"""Twenty minutes of speech by eight voices: the mini setup with as many updates as two hours get."""

from dataclasses import replace

from recipe.corpus.recognised import corpus_of_environment
from recipe.setup import Labels, Setup
from setups.mini import CORPUS, PHONEMES, mini

MIN_UPDATES = 2_880
"""What mini's schedule gives two hours of speech; docs/mini.md says what fewer and more give."""


def small_corpus(labels: Labels = PHONEMES, train_minutes: float = 20.0) -> Setup:
    """The mini setup on less speech, or on a small corpus that the environment names.

    :param train_minutes: of the generated corpus
    """
    base = mini(labels)
    generated = replace(CORPUS, train_minutes=train_minutes, num_train_speakers=8)
    return replace(
        base,
        name="small_corpus",
        corpus=corpus_of_environment(generated),
        training=replace(base.training, min_updates=MIN_UPDATES),
        qat_training=replace(base.qat_training, min_updates=MIN_UPDATES),
    )
