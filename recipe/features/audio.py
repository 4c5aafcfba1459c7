"""Samples of a recording as features read them: one channel at one rate, whatever the file has."""

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import torch
import torchaudio

if TYPE_CHECKING:
    from soundfile import SoundFile


def resampled(samples: torch.Tensor, from_hz: int, to_hz: int) -> torch.Tensor:
    """[N] -> [about N * to_hz / from_hz].

    The ratio is taken as the nearest fraction with a denominator up to 1000: exact for common rates, and filters stay
    short for all others (11,127 Hz, say).
    """
    if from_hz == to_hz:
        return samples
    ratio = Fraction(from_hz, to_hz).limit_denominator(1000)
    return torchaudio.functional.resample(samples, ratio.numerator, ratio.denominator)


def mono_samples(file: "SoundFile", start: int, count: int) -> torch.Tensor:
    """The mean of all channels [N] float32 in -1 .. 1 from sample `start` on; N is at most `count`.

    Whether a corpus may hold several channels is decided where its segments are made (recipe/corpus/recordings.py).
    """
    file.seek(start)
    samples = file.read(count, dtype="float32", always_2d=True)  # [N, channels]
    return torch.from_numpy(samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1, dtype=np.float32))
