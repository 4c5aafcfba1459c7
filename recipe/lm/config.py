"""What an n-gram language model is estimated with."""

from dataclasses import dataclass

from recipe.errors import InputError

MAX_ORDER = 6  # what KenLM is built for


@dataclass(frozen=True, kw_only=True)
class NgramConfig:
    """Interpolated modified Kneser-Ney, as lmplz estimates it.

    :param order: words per n-gram; the paper uses 4.
    :param prune: counts up to which n-grams are left out, from the unigrams on, e.g. (0, 0, 1); the last entry holds
        for the higher orders. Empty: nothing is left out. Unigrams cannot be pruned.
    :param discount_fallback: where a text is too small or too regular for Kneser-Ney discounts of some order, use
        fixed ones there (0.5, 1, 1.5) instead of refusing. Generated text needs it, real text should not.
    """

    order: int = 4
    prune: tuple[int, ...] = ()
    discount_fallback: bool = False

    def __post_init__(self):
        if not 2 <= self.order <= MAX_ORDER:
            raise InputError(f"NgramConfig.order is {self.order}; give 2 to {MAX_ORDER}")
        ascending = list(self.prune) == sorted(self.prune)
        if len(self.prune) > self.order or not ascending or (self.prune and self.prune[0] != 0):
            raise InputError(
                f"NgramConfig.prune is {self.prune}; give at most {self.order} ascending counts, the first 0"
            )


TEDLIUM_TEXTS = (
    "commoncrawl-9pc",
    "europarl-v7-6pc",
    "giga-fren-4pc",
    "news-18pc",
    "news-commentary-v8-9pc",
    "yandex-1m-31pc",
)


@dataclass(frozen=True, kw_only=True)
class MixtureConfig:
    """A linear mixture, tuned on dev, of a model per text, one of the transcripts and one of all together.

    The defaults are the paper's choices (code published with it).

    :param texts: names of the sources, LM/<name>.en.gz of the corpus.
    :param source: how each model is estimated.
    :param prune_threshold: n-grams go whose loss raises the perplexity by less, relative; None keeps all.
    """

    texts: tuple[str, ...] = TEDLIUM_TEXTS
    source: NgramConfig = NgramConfig()
    prune_threshold: float | None = 5e-10

    def __post_init__(self):
        if not self.texts or len(set(self.texts)) < len(self.texts):
            raise InputError(f"MixtureConfig.texts is {self.texts}; give at least one name, each once")
        if self.prune_threshold is not None and not self.prune_threshold > 0:
            raise InputError(f"MixtureConfig.prune_threshold is {self.prune_threshold}; give a positive number or None")
