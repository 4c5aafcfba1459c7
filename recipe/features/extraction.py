"""Features of a corpus' segments, streamed from the recordings into HDF."""

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import torch

from recipe.errors import InputError
from recipe.features.config import LogMelConfig, name_at_speed
from recipe.features.log_mel import LogMel, change_speed, prepare_waveform
from recipe.formats.hdf import HdfWriter
from recipe.formats.segments import Segment, read_segments

# Behind a jump a Vorbis decoder lacks what overlaps from the block before; a whole long block makes up for it.
_VORBIS_LEAD_SAMPLES = 8192


def read_samples(root: Path, segments: Iterator[Segment], rate_hz: int) -> Iterator[tuple[Segment, torch.Tensor]]:
    """Each segment with its samples [N] in -1 .. 1; opens a recording once for its consecutive segments.

    Raises InputError naming the recording that cannot be read or is too short for its segment.
    """
    import soundfile

    for recording, group in groupby(segments, key=lambda segment: segment.recording):
        path = root / recording
        try:
            with soundfile.SoundFile(path) as file:
                for segment in group:
                    start, end = round(segment.start_s * rate_hz), round(segment.end_s * rate_hz)
                    lead = min(start, _VORBIS_LEAD_SAMPLES) if file.subtype == "VORBIS" else 0
                    file.seek(start - lead)
                    samples = torch.from_numpy(file.read(end - start + lead, dtype="float32")[lead:])
                    if len(samples) < end - start - rate_hz // 100:  # times are rounded to 10 ms
                        raise InputError(
                            f"{path}: ends before segment {segment.name} does at {segment.end_s} s; fetch it again"
                        )
                    yield segment, samples
        except (soundfile.LibsndfileError, OSError) as error:
            raise InputError(f"{path} cannot be read ({error}); check or fetch the recording again") from None


def part_of_segments(path: str | Path, part: int, num_parts: int) -> Iterator[Segment]:
    """Every num_parts-th segment, beginning with segment `part`: parts of equal size even where talks are few.

    Raises InputError if there is none, since RETURNN reads no empty files.
    """
    segment = None
    for segment in islice(read_segments(path), part, None, num_parts):
        yield segment
    if segment is None:
        raise InputError(f"{path} holds too few segments for {num_parts} parts; lower the number of feature parts")


def write_log_mel(
    root: Path,
    segments: str | Path,
    config: LogMelConfig,
    part: int,
    num_parts: int,
    speed_factor: float,
    out_hdf: str | Path,
) -> None:
    """Log-mel energies [T, num_mels] float32 of one part's segments, tagged with the segments' names (at another
    speed: `name_at_speed`).

    As in the paper, pre-emphasis and peak normalisation come before the change of speed.
    """
    log_mel = LogMel(config)
    with HdfWriter(out_hdf, config.num_mels) as hdf:
        chosen = part_of_segments(segments, part, num_parts)
        for segment, samples in read_samples(root, chosen, config.sample_rate_hz):
            samples = prepare_waveform(samples, config)
            samples = change_speed(samples, speed_factor)
            if len(samples) < config.window_samples:
                raise InputError(
                    f"{segment.name} lasts {segment.end_s - segment.start_s:.3f} s, less than one analysis window; "
                    "take it out of the .stm"
                )
            hdf.append(name_at_speed(segment.name, speed_factor), log_mel(samples).numpy())
