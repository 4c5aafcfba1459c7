"""Reads a recording as mono samples at the rate of the features, and cuts long recordings into pieces."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from recipe.errors import InputError
from recipe.features.audio import resampled
from recipe.given_audio import counts_its_frames, require_decoded, require_plain_sphere, require_sound, require_whole
from recipe.given_files import require_regular

if TYPE_CHECKING:
    import soundfile

SHORTEST_S = 0.1
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 1_000, 1_000_000
# Models are trained on segments of seconds, not on attention and band statistics over minutes.
LONGEST_PIECE_S = 10.0
SHORTEST_PIECE_S = 3.0
PAUSE_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A recording as it enters recognition."""

    samples: torch.Tensor
    """float32 [N], mono, at the requested rate."""
    duration_s: float
    """Length of the file."""
    notes: tuple[str, ...]
    """The file's format, and what was changed; printed for the user."""


def read_recording(path: str | Path, rate_hz: int) -> Recording:
    """Read any file that soundfile supports, average its channels and resample to `rate_hz`.

    :raises InputError: when the file does not exist, is not audio, is shorter than `SHORTEST_S` or than its
        header says, or holds samples that are not finite
    """
    path = Path(path)
    if not os.path.lexists(path) or path.is_dir():
        raise InputError(f"{path} does not exist or is no file; give AUDIO=recording.wav")
    require_regular(path)
    require_plain_sphere(path)
    info, blocks = _decoded(path)
    own_rate_hz, channels = info.samplerate, info.channels
    samples = torch.from_numpy(np.concatenate([*blocks, np.zeros(0, dtype=np.float32)]))
    duration_s = len(samples) / own_rate_hz
    if duration_s < SHORTEST_S:
        raise InputError(f"{path} lasts {duration_s:.3f} s; give a recording of at least {SHORTEST_S} s")
    notes = [f"{own_rate_hz / 1000:g} kHz, " + ("mono" if channels == 1 else f"{channels} channels")]
    if not counts_its_frames(path, info):
        notes.append("its header holds no length, so a missing end cannot be noticed")
    if channels > 1:
        notes.append("mixed down to one")
    if own_rate_hz != rate_hz:
        notes.append(f"resampled to {rate_hz / 1000:g} kHz")
        samples = resampled(samples, own_rate_hz, rate_hz)
    if own_rate_hz < rate_hz:
        notes.append(f"nothing above {own_rate_hz / 2000:g} kHz in it, so expect more errors")
    if not samples.any():
        notes.append("silence only")
    return Recording(samples=samples, duration_s=duration_s, notes=tuple(notes))


def _decoded(path: Path) -> tuple[soundfile._SoundFileInfo, list[np.ndarray]]:
    """What soundfile says of a recording, and its samples block by block: float32 [N], the mean of the channels."""
    import soundfile

    try:
        info = soundfile.info(path)
    except (soundfile.LibsndfileError, OSError, TypeError):  # TypeError: a name that ends in .raw
        formats = ", ".join(sorted(set(soundfile.available_formats()) & {"WAV", "FLAC", "OGG", "MP3", "NIST", "AIFF"}))
        raise InputError(f"{path} cannot be read as audio; convert it to one of {formats} and others") from None
    require_whole(path, info)
    if not LOWEST_RATE_HZ <= info.samplerate <= HIGHEST_RATE_HZ:
        raise InputError(f"{path} has {info.samplerate} Hz; give {LOWEST_RATE_HZ:,} to {HIGHEST_RATE_HZ:,} Hz")
    decoded, blocks = 0, []
    try:
        with soundfile.SoundFile(path) as file:  # its blocks() would fill up what the decoder lacks
            while len(block := file.read(2**20, dtype="float32", always_2d=True)):
                require_sound(block, path, decoded, info.samplerate)
                decoded += len(block)
                blocks.append(block.mean(axis=1))
    except (soundfile.LibsndfileError, OSError):
        raise InputError(f"{path} cannot be decoded to its end: it is damaged or truncated; fetch it again") from None
    require_decoded(path, info, decoded)
    return info, blocks


def cut(samples: torch.Tensor, rate_hz: int) -> list[tuple[int, int]]:
    """Split a recording into consecutive pieces of at most `LONGEST_PIECE_S`.

    Each cut is the centre of the quietest `PAUSE_S`, between `SHORTEST_PIECE_S` and `LONGEST_PIECE_S` after the last.

    :param samples: float32 [N]
    :return: (first, end) sample of each piece
    """
    longest, shortest = round(LONGEST_PIECE_S * rate_hz), round(SHORTEST_PIECE_S * rate_hz)
    pause = round(PAUSE_S * rate_hz)
    sums = torch.nn.functional.pad(samples.double().square().cumsum(0), (1, 0))  # [N + 1], energy before each sample
    pieces, first = [], 0
    while len(samples) - first > longest:
        low, high = first + shortest, min(first + longest, len(samples) - rate_hz)  # the rest keeps at least a second
        starts = torch.arange(low - pause // 2, high - pause // 2)
        energies = sums[(starts + pause).clamp_max(len(samples))] - sums[starts]
        end = low + int(energies.argmin())
        pieces.append((first, end))
        first = end
    return [*pieces, (first, len(samples))]
