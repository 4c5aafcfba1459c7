"""Evenly spaced subset of the segments of a part, for uses where the whole part is too expensive."""

from pathlib import Path

from recipe.errors import InputError
from recipe.formats.segments import read_segments, write_segments


def sample_segments(path: str | Path, num_segments: int, out_path: str | Path) -> None:
    """Write `num_segments` evenly spaced segments of the file, or all if there are fewer; long talks give more of them.

    :raises InputError: when the file holds none, or none are asked for
    """
    segments = list(read_segments(path))
    num_segments = min(num_segments, len(segments))
    if num_segments < 1:
        raise InputError(f"{path} holds no segments to choose from, or none are asked for; give at least one")
    chosen = [segments[i * len(segments) // num_segments] for i in range(num_segments)]
    write_segments(out_path, chosen, chosen[0].name.split("/")[0])
