"""Log-mel energies of a waveform, on torchaudio's filter banks."""

from fractions import Fraction

import torch
import torchaudio

from recipe.features.config import LogMelConfig


def prepare_waveform(samples: torch.Tensor, config: LogMelConfig) -> torch.Tensor:
    """Pre-emphasis, then division by the largest magnitude: [samples] -> [samples] float32."""
    samples = samples.to(torch.float32)
    samples = torch.cat([samples[:1], samples[1:] - config.pre_emphasis * samples[:-1]])
    if config.normalise_peak:
        samples = samples / samples.abs().max().clamp_min(torch.finfo(torch.float32).tiny)
    return samples


def change_speed(samples: torch.Tensor, factor: float) -> torch.Tensor:
    """[samples] -> [about samples / factor]: played `factor` times as fast, so pitch rises with it.

    The factor is taken as the nearest fraction with a denominator up to 100, so that the filters stay short.
    """
    if factor == 1.0:
        return samples
    ratio = Fraction(factor).limit_denominator(100)
    return torchaudio.functional.resample(samples, ratio.numerator, ratio.denominator)


class LogMel:
    """Callable [samples] float32 -> [T, num_mels] float32 log energies. Holds the window and the filters."""

    def __init__(self, config: LogMelConfig):
        self.config = config
        self._window = torch.hann_window(config.window_samples, periodic=True)
        self._filters = torchaudio.functional.melscale_fbanks(
            n_freqs=config.window_samples // 2 + 1,
            f_min=config.min_frequency_hz,
            f_max=config.max_frequency_hz,
            n_mels=config.num_mels,
            sample_rate=config.sample_rate_hz,
            norm="slaney",
            mel_scale="slaney",
        )  # [window / 2 + 1, num_mels]

    def __call__(self, samples: torch.Tensor) -> torch.Tensor:
        """T = (samples - window) // shift + 1; fewer samples than one window raise ValueError."""
        config = self.config
        if len(samples) < config.window_samples:
            raise ValueError(f"{len(samples)} samples are fewer than one window of {config.window_samples}")
        frames = samples.unfold(0, config.window_samples, config.shift_samples) * self._window  # [T, window]
        power = torch.fft.rfft(frames).abs().square()  # [T, window / 2 + 1]
        log_mel = (power @ self._filters).clamp_min(config.floor).log10()
        return normalised(log_mel) if config.normalise_bands else log_mel


def normalised(log_mel: torch.Tensor) -> torch.Tensor:
    """[T, F] with mean 0 and variance 1 per band; a band that never changes becomes 0."""
    std, mean = torch.std_mean(log_mel, dim=0, correction=0)
    return (log_mel - mean) / std.clamp_min(1e-5)
