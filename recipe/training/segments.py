"""Which segments a training uses."""

from collections.abc import Sequence
from dataclasses import dataclass

from recipe.errors import InputError
from recipe.features.config import name_at_speed_1
from recipe.formats.hdf import read_tags


@dataclass(frozen=True, kw_only=True)
class TrainingSegments:
    """Tags of feature sequences and of their targets. Copies of a segment at other speeds share its targets."""

    known: list[str]
    """Tags of all feature sequences, in file order."""
    names: list[str]
    """For each tag in `known`, the tag of its targets."""
    labelled: list[str]
    """Tags of the feature sequences that have targets."""


def segments_of(features: Sequence[str], targets: str) -> TrainingSegments:
    """The segments of feature files, and which of them have targets.

    :param features: HDF files of log-mel frames
    :param targets: HDF file of label ids
    :raises InputError: naming a segment that has targets but no features, or when there are no targets
    """
    known = read_tags(*features)
    names = [name_at_speed_1(tag) for tag in known]
    copies: dict[str, list[str]] = {}
    for name, tag in zip(names, known, strict=True):
        copies.setdefault(name, []).append(tag)
    with_targets = read_tags(targets)
    missing = set(with_targets).difference(copies)
    if missing:
        raise InputError(f"segment {min(missing)} of {targets} has no features; extract features of the same segments")
    if not with_targets:
        raise InputError(f"{targets} holds no segment; give a corpus with transcribed segments")
    return TrainingSegments(known=known, names=names, labelled=[tag for name in with_targets for tag in copies[name]])
