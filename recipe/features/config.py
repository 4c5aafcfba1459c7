"""Settings of the log-mel features; importing this does not import torch."""

import re
from dataclasses import dataclass

from recipe.errors import InputError

FRAMES_PER_SECOND = 100
"""Of log-mel features, whose shift is 10 ms."""


@dataclass(frozen=True, kw_only=True)
class LogMelConfig:
    """Log-mel energies as the paper's acoustic model reads them (arXiv 2505.24721, feature extraction in its code)."""

    sample_rate_hz: int = 16_000
    """That recordings are brought to. Segments of TED-LIUM are made of recordings with this rate alone."""
    window_samples: int = 400
    """Length of the periodic Hann window (25 ms) and of the Fourier transform."""
    shift_samples: int = 160
    """From one window to the next (10 ms)."""
    num_mels: int = 80
    """Mel bands, the feature dimension."""
    min_frequency_hz: float = 60.0
    """Lower edge of the lowest band."""
    max_frequency_hz: float = 7600.0
    """Upper edge of the highest band."""
    floor: float = 1e-10
    """Lower limit of the band energies before the logarithm."""
    pre_emphasis: float = 0.97
    """Weight of the previous sample in x[t] - weight * x[t-1]; 0 turns it off."""
    normalise_peak: bool = True
    """Divide each segment by its largest magnitude after pre-emphasis."""
    normalise_bands: bool = False
    """Shift and scale each band of a segment to mean 0 and variance 1. Not in the paper, but short trainings need it:
    the zeros of SpecAugment are then the mean and not an outlier, and CTC finds its first alignments sooner."""

    def __post_init__(self):
        if not 0 <= self.min_frequency_hz < self.max_frequency_hz <= self.sample_rate_hz / 2:
            raise InputError(
                f"mel bands from {self.min_frequency_hz} to {self.max_frequency_hz} Hz do not fit below half of "
                f"{self.sample_rate_hz} Hz"
            )
        if not 0 < self.shift_samples <= self.window_samples:
            raise InputError(f"shift_samples is {self.shift_samples}; it must be 1 .. {self.window_samples}")
        if self.num_mels < 1 or self.floor <= 0:
            raise InputError("num_mels must be at least 1 and floor above 0")

    def num_frames(self, num_samples: int) -> int:
        """Frames of a segment: the number of windows that fit completely."""
        return max(0, (num_samples - self.window_samples) // self.shift_samples + 1)


PAPER_LOG_MEL = LogMelConfig()


def name_at_speed(name: str, speed_factor: float) -> str:
    """The tag of a segment at a speed: its name, with the factor appended at speeds other than 1."""
    return name if speed_factor == 1.0 else f"{name}@{speed_factor:.3f}"


def name_at_speed_1(tag: str) -> str:
    """Strip the speed suffix from a tag. Segment names end in `/<number>`, so a later `@` can only be the suffix."""
    return re.sub(r"@[^/]*$", "", tag)
