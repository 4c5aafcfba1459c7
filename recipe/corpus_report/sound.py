"""What a recording sounds like, from a few windows of it: level, clipping, spectrum, speech where speech should be."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from recipe.errors import InputError
from recipe.formats.segments import Segment

WINDOWS = 6
"""Windows read of the segments of a recording, and as many of what lies between them."""
WINDOW_S = 1.0
"""Longest window in seconds."""
DIGEST_WINDOWS, DIGEST_WINDOW_S = 4, 0.1
"""Windows that copies of a recording are known by."""
_LEAST_GAP_S, _GAP_MARGIN_S = 0.2, 0.05
_FRAME_S, _SHIFT_S = 0.025, 0.010
_FLOOR = 1e-12
_FULL_SCALE = 0.999
_BAND_HZ = (100.0, 7000.0)


@dataclass(frozen=True, kw_only=True)
class Sound:
    """One recording. Levels are in dB relative to full scale."""

    recording: str
    """Relative to the root of the corpus."""
    level_db: float
    """Mean power of the windows within segments."""
    clipped: float
    """Share of their samples at full scale."""
    offset: float
    """Their mean; 1 is full scale."""
    flatness: float
    """Geometric over arithmetic mean of their power spectrum: near 1 for white noise, below 0.2 for speech."""
    range_db: float
    """From the 10th to the 90th percentile of the power of all frames, segments and gaps: under 3 for steady noise."""
    contrast_db: float | None
    """How much louder the segments are than the gaps between them; None where there are no gaps."""
    digest: str
    """Of the length and the samples of a few windows: equal for copies, whatever their segments."""

    @property
    def silent(self) -> bool:
        """Whether nothing can be heard."""
        return self.level_db < -75.0

    @property
    def noise(self) -> bool:
        """Whether it is no speech: steady as a noise or a tone, or loud and flat as samples in the wrong byte order."""
        return not self.silent and (self.range_db < 3.3 or (self.level_db > -12.0 and self.flatness > 0.3))


def sounds(root: Path, segments: Iterable[Segment]) -> Iterator[Sound]:
    """Each recording of a part, whose segments must be adjacent.

    :raises InputError: naming a recording that cannot be read, or holds a sample that is no number
    """
    for recording, group in groupby(segments, key=lambda segment: segment.recording):
        yield sound(root, recording, [(segment.start_s, segment.end_s) for segment in group])


def sound(root: Path, recording: str, times_s: Sequence[tuple[float, float]]) -> Sound:
    """One recording.

    :param times_s: start and end of its segments
    """
    import soundfile

    path = root / recording
    try:
        with soundfile.SoundFile(path) as file:
            rate_hz = file.samplerate
            length_s = file.frames / rate_hz
            inside = [_read(file, *_centre(*times)) for times in _evenly(times_s, WINDOWS)]
            gaps = _evenly(list(_gaps(times_s, length_s)), WINDOWS)
            outside = [_read(file, *_centre(*times)) for times in gaps]
            digest = _digest(file)
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(f"{path} cannot be read ({error}); check or fetch the recording again") from None
    return _judged(recording, inside, outside, rate_hz, digest, path)


def _digest(file) -> str:
    """Of the length, and of windows whose places the length alone decides; segments of copies may differ."""
    digest = hashlib.sha256(f"{file.frames} {file.samplerate}".encode())
    length_s = file.frames / file.samplerate
    for number in range(DIGEST_WINDOWS):
        start_s = length_s * (number + 0.5) / DIGEST_WINDOWS
        window = np.nan_to_num(_read(file, start_s, start_s + DIGEST_WINDOW_S))
        digest.update(np.round(window * 32768).astype(np.int64).tobytes())
    return digest.hexdigest()


def _judged(
    recording: str, inside: list[np.ndarray], outside: list[np.ndarray], rate_hz: int, digest: str, path: Path
) -> Sound:
    samples = np.concatenate(inside)  # [N]
    if not all(np.isfinite(window).all() for window in inside + outside):
        raise InputError(f"{path}: a sample is not a finite number; convert the recording again")
    in_db = np.concatenate([_frame_levels(window, rate_hz) for window in inside])
    out_db = np.concatenate([_frame_levels(window, rate_hz) for window in outside] or [np.zeros(0)])
    low, high = np.percentile(np.concatenate([in_db, out_db]), [10, 90]) if len(in_db) else (0.0, 0.0)
    return Sound(
        recording=recording,
        level_db=_decibel(np.mean(samples**2)) if len(samples) else -120.0,
        clipped=float(np.mean(np.abs(samples) >= _FULL_SCALE)) if len(samples) else 0.0,
        offset=float(np.mean(samples)) if len(samples) else 0.0,
        flatness=_flatness(inside, rate_hz),
        range_db=float(high - low),
        contrast_db=float(np.median(in_db) - np.median(out_db)) if len(in_db) and len(out_db) else None,
        digest=digest,
    )


def _decibel(power: float) -> float:
    return float(10 * np.log10(max(float(power), _FLOOR)))


def _evenly(items: Sequence, number: int) -> list:
    number = min(number, len(items))
    return [items[(2 * i + 1) * len(items) // (2 * number)] for i in range(number)]


def _centre(start_s: float, end_s: float) -> tuple[float, float]:
    """The middle of an interval, at most a window long."""
    half_s = min(WINDOW_S, end_s - start_s) / 2
    return (start_s + end_s) / 2 - half_s, (start_s + end_s) / 2 + half_s


def _gaps(times_s: Sequence[tuple[float, float]], length_s: float) -> Iterator[tuple[float, float]]:
    """What no segment covers, away from its edges."""
    end_s = 0.0
    for start, end in [*sorted(times_s), (length_s, length_s)]:
        if start - end_s >= _LEAST_GAP_S:
            yield end_s + _GAP_MARGIN_S, start - _GAP_MARGIN_S
        end_s = max(end_s, end)


def _read(file, start_s: float, end_s: float) -> np.ndarray:
    """Samples [N] of the first channel; fewer where the recording ends before."""
    first = min(max(0, round(start_s * file.samplerate)), file.frames)
    file.seek(first)
    return file.read(max(0, round(end_s * file.samplerate) - first), dtype="float32", always_2d=True)[:, 0]


def _framed(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """[T, frame]; none of a window shorter than a frame."""
    size, shift = round(_FRAME_S * rate_hz), round(_SHIFT_S * rate_hz)
    if len(samples) < size:
        return np.zeros((0, size), np.float32)
    return np.lib.stride_tricks.sliding_window_view(samples, size)[::shift]


def _frame_levels(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """[T] dB, without the constant part of each frame."""
    frames = _framed(samples, rate_hz)
    return 10 * np.log10(np.maximum(frames.var(axis=1), _FLOOR)) if len(frames) else np.zeros(0)


def _flatness(windows: Sequence[np.ndarray], rate_hz: int) -> float:
    """Of the mean power spectrum of all frames."""
    frames = np.concatenate([_framed(window, rate_hz) for window in windows])
    if not len(frames):
        return 0.0
    power = np.square(np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), axis=1))).mean(axis=0)
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / rate_hz)
    power = np.maximum(power[(hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1])], _FLOOR)
    return float(np.exp(np.mean(np.log(power))) / np.mean(power))
