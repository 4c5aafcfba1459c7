"""Settings of the language model."""

from dataclasses import dataclass

from recipe.errors import InputError

MAX_ORDER = 6  # the limit that KenLM is compiled with


@dataclass(frozen=True, kw_only=True)
class NgramConfig:
    """Interpolated modified Kneser-Ney, as lmplz estimates it."""

    order: int = 4
    """Words per n-gram; the paper uses 4."""
    prune: tuple[int, ...] = ()
    """Leave out n-grams with counts up to these, from unigrams upwards, as in (0, 0, 1); the last entry also applies to
    higher orders. Empty keeps everything. Unigrams cannot be pruned."""
    discount_fallback: bool = False
    """Where a text is too small or too regular for the Kneser-Ney discounts of some order, use fixed ones there
    (0.5, 1, 1.5) instead of an error. Generated text needs it, real text should not."""

    def __post_init__(self):
        if not 2 <= self.order <= MAX_ORDER:
            raise InputError(f"NgramConfig.order is {self.order}; give 2 to {MAX_ORDER}")
        ascending = list(self.prune) == sorted(self.prune)
        if len(self.prune) > self.order or not ascending or (self.prune and self.prune[0] != 0):
            raise InputError(
                f"NgramConfig.prune is {self.prune}; give at most {self.order} ascending counts, the first 0"
            )


@dataclass(frozen=True, kw_only=True)
class MixtureConfig:
    """A linear mixture, tuned on dev, of a model per text, one of the transcripts and one of everything.

    The defaults are the choices of the paper's published code (docs/paper.md, Language model).
    """

    texts: tuple[str, ...] | None = None
    """The names of the texts (`LmTexts.by_name` of the corpus); None takes all."""
    source: NgramConfig = NgramConfig()
    """How each model is estimated."""
    prune_threshold: float | None = 5e-10
    """Remove n-grams whose loss raises the perplexity by less than this, relative; None keeps all."""

    def __post_init__(self):
        if self.texts is not None and (not self.texts or len(set(self.texts)) < len(self.texts)):
            raise InputError(f"MixtureConfig.texts is {self.texts}; give at least one name, each once, or None for all")
        if self.prune_threshold is not None and not self.prune_threshold > 0:
            raise InputError(f"MixtureConfig.prune_threshold is {self.prune_threshold}; give a positive number or None")


@dataclass(frozen=True, kw_only=True)
class GivenModel:
    """A model that the corpus is published with, as those of LibriSpeech; nothing is estimated."""

    name: str
    """Its name in `PreparedCorpus.language_models`, such as `4-gram`."""
