"""Features of the segments of a corpus, streamed from the recordings into HDF."""

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path

import torch

from recipe.errors import InputError
from recipe.features.audio import mono_samples, resampled
from recipe.features.config import LogMelConfig, name_at_speed
from recipe.features.log_mel import LogMel, change_speed, prepare_waveform
from recipe.formats.hdf import HdfWriter
from recipe.formats.segments import Segment, read_segments
from recipe.given_audio import require_sound
from recipe.given_files import require_regular


def read_samples(root: Path, segments: Iterator[Segment], rate_hz: int) -> Iterator[tuple[Segment, torch.Tensor]]:
    """Each segment with its samples [N] in -1 .. 1; opens a recording once for its consecutive segments.

    Channels are averaged and other rates resampled to `rate_hz`; where segments are made, such recordings are refused
    or counted (recipe/corpus).

    :raises InputError: naming the recording that cannot be read, is too short for its segment or holds samples that are
        not finite
    """
    import soundfile

    for recording, group in groupby(segments, key=lambda segment: segment.recording):
        path = root / recording
        require_regular(path)
        try:
            with soundfile.SoundFile(path) as file:
                own_hz = file.samplerate
                for segment in group:
                    start, end = round(segment.start_s * own_hz), round(segment.end_s * own_hz)
                    samples = mono_samples(file, start, end - start)
                    require_sound(samples.numpy(), path, start, own_hz)
                    if len(samples) < end - start - own_hz // 100:  # times are rounded to 10 ms
                        raise InputError(
                            f"{path}: ends before segment {segment.name} does at {segment.end_s} s; fetch it again"
                        )
                    yield segment, resampled(samples, own_hz, rate_hz)
        except (soundfile.LibsndfileError, OSError) as error:
            raise InputError(f"{path} cannot be read ({error}); check or fetch the recording again") from None


def shard_of_segments(path: str | Path, shard: int, num_shards: int) -> Iterator[Segment]:
    """Every num_shards-th segment, starting at number `shard`: shards have equal sizes even with few talks.

    :raises InputError: when there is none, since RETURNN cannot read empty files
    """
    segment = None
    for segment in islice(read_segments(path), shard, None, num_shards):
        yield segment
    if segment is None:
        raise InputError(f"{path} holds too few segments for {num_shards} feature shards; lower their number")


def write_log_mel(
    root: Path,
    segments: str | Path,
    config: LogMelConfig,
    shard: int,
    num_shards: int,
    speed_factor: float,
    out_hdf: str | Path,
) -> None:
    """Log-mel energies [T, num_mels] float32 of the segments of one shard.

    Tags are segment names, at another speed those of `name_at_speed`. As in the paper, pre-emphasis and peak
    normalisation come before the change of speed.

    :raises InputError: for a recording that cannot be read, or a segment shorter than one window
    """
    log_mel = LogMel(config)
    with HdfWriter(out_hdf, config.num_mels) as hdf:
        chosen = shard_of_segments(segments, shard, num_shards)
        for segment, samples in read_samples(root, chosen, config.sample_rate_hz):
            samples = prepare_waveform(samples, config)
            samples = change_speed(samples, speed_factor)
            if len(samples) < config.window_samples:
                raise InputError(
                    f"{segment.name} lasts {segment.end_s - segment.start_s:.3f} s, less than one analysis window; "
                    "take it out of the .stm"
                )
            hdf.append(name_at_speed(segment.name, speed_factor), log_mel(samples).numpy())
