"""Human speech: five hours of actors' lines from two games, the model of mini with the updates that they need."""

from dataclasses import replace

from recipe.corpus.protocol import Corpus
from recipe.corpus.spoken_games.config import SpokenGames
from recipe.features.config import LogMelConfig
from recipe.lm.config import MixtureConfig, NgramConfig
from recipe.setup import Labels, Setup
from setups.mini import PHONEMES, mini

MIN_UPDATES = 12_000
"""Lines that are acted by sixty voices take more than mini's synthetic speech."""


def spoken_games(labels: Labels = PHONEMES, corpus: Corpus | None = None) -> Setup:
    """The mini setup on the spoken lines of two games.

    The recordings end at 5.5 kHz, and so do the mel bands. The transcripts are a small text: the language model mixes
    theirs with one of quotations.

    :param corpus: another choice of held-out scenes or voices; None for the default
    """
    base = mini(labels)
    return replace(
        base,
        name="spoken_games",
        corpus=SpokenGames() if corpus is None else corpus,
        features=LogMelConfig(normalise_bands=True, max_frequency_hz=5_500.0),
        lm=MixtureConfig(source=NgramConfig(discount_fallback=True), prune_threshold=None),
        scale_grid=replace(base.scale_grid, lm_scales=(1.8, 2.2, 2.6, 3.0)),
        training=replace(base.training, min_updates=MIN_UPDATES),
        qat_training=replace(base.qat_training, min_updates=MIN_UPDATES),
    )
