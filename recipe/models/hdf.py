"""Reading the model's input: HDF files as RETURNN writes them."""

import os
from collections.abc import Iterable, Iterator

import h5py
import numpy as np

from recipe.errors import InputError


def segment_names(path: str | os.PathLike) -> list[str]:
    """Segment names in file order.

    :raises InputError: when the file is no HDF file as RETURNN reads it
    """
    try:
        with h5py.File(path, "r") as file:
            return [name.decode("utf-8") for name in file["seqTags"]]
    except (OSError, KeyError, ValueError) as error:
        raise InputError(f"{path} is no HDF file with sequence tags; run the job that writes it again") from error


def read_segments(paths: Iterable[str | os.PathLike], names: Iterable[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Name and values [T, ...] of the segments in `names`, in the order of the files.

    :raises InputError: when a file is damaged
    """
    wanted = set(names)
    for path in paths:
        tags = segment_names(path)
        try:
            with h5py.File(path, "r") as file:
                ends = np.cumsum(file["seqLengths"][:, 0])
                if len(ends) != len(tags) or (len(ends) and ends[-1] != len(file["inputs"])):
                    raise ValueError("names, lengths and values do not fit together")
                for name, start, end in zip(tags, [0, *ends[:-1]], ends, strict=True):
                    if name in wanted:
                        yield name, file["inputs"][start:end]
        except (OSError, KeyError, ValueError) as error:
            raise InputError(f"{path} is a damaged HDF file ({error}); run the job that writes it again") from None
