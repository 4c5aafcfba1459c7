"""Whether a model recognises well enough for devices to be made of it."""

from recipe.errors import InputError


def require_wer(wer_percent: float, most_percent: float, name: str) -> str:
    """The verdict in words, on a model that recognises well enough to be looked at on devices.

    :raises InputError: when its word error rate is above the limit
    """
    if wer_percent > most_percent:
        raise InputError(
            f"{name} has a word error rate of {wer_percent:.1f} % on dev, above the limit of {most_percent:g} %: no "
            "device is made of it; give more training speech or updates (TrainingConfig.min_updates), look at the "
            "corpus and the dictionary, or raise Setup.most_wer_percent (None: no limit)"
        )
    return f"{name} has a word error rate of {wer_percent:.1f} % on dev; the limit is {most_percent:g} %"
