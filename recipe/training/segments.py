"""Which segments a training is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from recipe.errors import InputError
from recipe.features.config import name_at_speed_1
from recipe.models.hdf import segment_names


@dataclass(frozen=True, kw_only=True)
class TrainingSegments:
    """Tags of the features and, for each, the name by which its targets go: copies at other speeds share targets."""

    known: list[str]
    """Tags of all features, in the order of the files."""
    names: list[str]
    """Of the targets of `known`, one for one."""
    labelled: list[str]
    """Tags of the features that have targets."""


def segments_of(features: Sequence[str], targets: str) -> TrainingSegments:
    """Segments of feature files, and which of them can be trained on.

    :raises InputError: naming a segment without features, or when no segment has targets
    """
    known = [tag for hdf in features for tag in segment_names(hdf)]
    names = [name_at_speed_1(tag) for tag in known]
    copies: dict[str, list[str]] = {}
    for name, tag in zip(names, known, strict=True):
        copies.setdefault(name, []).append(tag)
    with_targets = segment_names(targets)
    missing = set(with_targets).difference(copies)
    if missing:
        raise InputError(f"segment {min(missing)} of {targets} has no features; extract features of the same segments")
    if not with_targets:
        raise InputError(f"{targets} holds no segment; give a corpus with transcribed segments")
    return TrainingSegments(known=known, names=names, labelled=[tag for name in with_targets for tag in copies[name]])
