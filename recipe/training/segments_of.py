"""Which segments an HDF file holds."""

import os
from collections.abc import Iterable

import h5py

from recipe.errors import InputError


def segment_names(hdf: str | os.PathLike) -> list[str]:
    """Segment names in file order.

    :raises InputError: when the file is no HDF file as RETURNN reads it
    """
    try:
        with h5py.File(hdf, "r") as file:
            return [name.decode("utf-8") for name in file["seqTags"]]
    except (OSError, KeyError) as error:
        raise InputError(f"{hdf} is no HDF file with sequence tags; run the job that writes it again") from error


def common_segments(features: Iterable[str], targets: str) -> list[str]:
    """Names of the segments in `targets`, all of which must have features.

    :raises InputError: naming a segment without features, or when there is no segment at all
    """
    names = segment_names(targets)
    known = {name for hdf in features for name in segment_names(hdf)}
    missing = next((name for name in names if name not in known), None)
    if missing is not None:
        raise InputError(f"segment {missing} of {targets} has no features; extract features of the same segments")
    if not names:
        raise InputError(f"{targets} holds no segment; give a corpus with transcribed segments")
    return names
