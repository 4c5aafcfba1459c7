"""Which segments a training is made of."""

from collections.abc import Sequence

from recipe.acoustic_model.hdf import segment_names
from recipe.errors import InputError


def segments_of(features: Sequence[str], targets: str) -> tuple[list[str], list[str]]:
    """Names of all segments with features, in the order of the files, and of those with targets.

    :raises InputError: naming a segment without features, or when no segment has targets
    """
    known = [name for hdf in features for name in segment_names(hdf)]
    labelled = segment_names(targets)
    missing = set(labelled).difference(known)
    if missing:
        raise InputError(f"segment {min(missing)} of {targets} has no features; extract features of the same segments")
    if not labelled:
        raise InputError(f"{targets} holds no segment; give a corpus with transcribed segments")
    return known, labelled
