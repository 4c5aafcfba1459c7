"""A sample of a part's segments, for what a whole part would be too dear."""

from pathlib import Path

from recipe.corpus.segments import read_segments, write_segments
from recipe.errors import InputError


def sample_segments(path: str | Path, num_segments: int, out_path: str | Path) -> None:
    """Write `num_segments` segments evenly spaced over the file, so that every talk has its share.

    :raises InputError: when the file holds fewer
    """
    segments = list(read_segments(path))
    if len(segments) < num_segments:
        raise InputError(
            f"{path} holds {len(segments)} segments, fewer than the {num_segments} asked for; ask for less"
        )
    chosen = [segments[i * len(segments) // num_segments] for i in range(num_segments)]
    write_segments(out_path, chosen, chosen[0].name.split("/")[0])
