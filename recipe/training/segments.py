"""Which segments a training is made of."""

from collections.abc import Iterable

from recipe.acoustic_model.hdf import segment_names
from recipe.errors import InputError


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
