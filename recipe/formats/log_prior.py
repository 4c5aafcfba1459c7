"""prior.txt: the natural logarithm of the label prior, one value per line in label order."""

import math
from collections.abc import Iterable
from os import PathLike

import numpy as np

from recipe.errors import InputError
from recipe.files import open_text, whole_lines


def write_log_prior(path: str | PathLike, log_prior: Iterable[float]) -> None:
    """Nine significant digits, which float32 needs."""
    with open_text(path, "wt") as file:
        file.writelines(f"{value:.9g}\n" for value in log_prior)


def read_log_prior(path: str | PathLike, num_labels: int) -> np.ndarray:
    """float32 [num_labels].

    :raises InputError: on another number of values or one that is not finite
    """
    values = [value for line in whole_lines(path) for value in line.split()]
    try:
        prior = [float(value) for value in values]
    except ValueError as error:
        raise InputError(f"{path}: {error}; give one log prior per line") from None
    if len(prior) != num_labels or not all(map(math.isfinite, prior)):
        raise InputError(f"{path}: {len(prior)} log priors for {num_labels} labels; give one finite value per label")
    return np.array(prior, dtype=np.float32)
