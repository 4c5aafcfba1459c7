"""The small text files that a search reads: labels, log prior, lexicon."""

import math

import numpy as np

from recipe.errors import InputError
from recipe.files import whole_lines


def read_labels(path: str) -> list[str]:
    """Labels in index order, blank last."""
    labels = [label for line in whole_lines(path) for label in line.split()]
    if len(labels) < 2 or len(set(labels)) != len(labels):
        raise InputError(f"{path}: give each label once, one per line, blank last")
    return labels


def read_log_prior(path: str, num_labels: int) -> np.ndarray:
    """Natural log of the prior, float32 [num_labels]; :raises InputError: on another count or a value not finite."""
    try:
        prior = [float(value) for line in whole_lines(path) for value in line.split()]
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{path}: {error}; give one log prior per line") from None
    if len(prior) != num_labels or not all(map(math.isfinite, prior)):
        raise InputError(f"{path}: {len(prior)} log priors for {num_labels} labels; give one finite value per label")
    return np.array(prior, dtype=np.float32)


def read_lexicon(path: str, labels: list[str]) -> list[tuple[str, tuple[int, ...]]]:
    """(word, label indices) per pronunciation, in file order.

    :raises InputError: naming file and line of a word without labels or a label that the model does not have.
    """
    index = {label: number for number, label in enumerate(labels)}
    entries = {}
    for number, line in enumerate(whole_lines(path), 1):
        word, *spelling = line.split() or [""]
        unknown = [label for label in spelling if label not in index]
        if not spelling or unknown:
            what = f"label {unknown[0]} is not in the inventory" if unknown else "a word without labels"
            raise InputError(f"{path}:{number}: {what}; make the lexicon from the model's own labels")
        entries[word, tuple(index[label] for label in spelling)] = None
    if not entries:
        raise InputError(f"{path}: no words; the search needs a lexicon")
    return list(entries)
