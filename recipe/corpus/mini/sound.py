"""From dry synthetic speech to the signal of a microphone: rate, vocal tract, channel, level, noise."""

from functools import cache

import numpy as np

SAMPLE_RATE_HZ = 16_000
_NOISE_BLOCK = 1 << 14


@cache
def _fast_lengths() -> np.ndarray:
    """All products of 2, 3 and 5 up to 2**22, sorted: Fourier transforms of these lengths are fast."""
    powers = np.arange(23, dtype=float)
    products = np.multiply.outer(np.multiply.outer(2.0**powers, 3.0**powers), 5.0**powers).reshape(-1)
    return np.unique(products[products <= 2**22]).astype(int)


def _transform_lengths(length: int, ratio: float) -> tuple[int, int]:
    """Two fast lengths, the first up to a fifth above `length`, as near to 1 : ratio as can be (0.3 % on average)."""
    fast = _fast_lengths()
    first = fast[(fast >= length) & (fast <= 1.2 * length + 10)]
    second = fast[np.searchsorted(fast, first * ratio)]
    best = np.argmin(second / first)
    return int(first[best]), int(second[best])


def resample(samples: np.ndarray, from_hz: float, scale: float = 1.0, tilt_db: float = 0.0) -> np.ndarray:
    """[samples] at `from_hz` -> [samples'] at 16 kHz, lasting `scale` times as long, tilted by dB per octave.

    Done in the frequency domain. The tilt turns around 1 kHz.
    """
    before, after = _transform_lengths(len(samples), SAMPLE_RATE_HZ / from_hz * scale)
    count = min(before, after) // 2 + 1
    spectrum = np.zeros(after // 2 + 1, dtype=complex)
    octaves = np.log2(np.maximum(np.arange(count) * (SAMPLE_RATE_HZ / after), 60.0) / 1000.0)
    spectrum[:count] = np.fft.rfft(samples, before)[:count] * 10 ** (tilt_db * octaves / 20)
    return np.fft.irfft(spectrum, after)[: round(len(samples) * after / before)] * (after / before)


def coloured_noise(length: int, exponent: float, generator: np.random.Generator) -> np.ndarray:
    """[length] of unit power whose power falls as 1 / f**exponent (0 white, 1 pink) above 50 Hz."""
    shape = (-(-length // _NOISE_BLOCK), _NOISE_BLOCK)
    spectrum = np.fft.rfft(generator.standard_normal(shape))
    frequency_hz = np.fft.rfftfreq(_NOISE_BLOCK, 1 / SAMPLE_RATE_HZ)
    noise = np.fft.irfft(spectrum * np.maximum(frequency_hz, 50.0) ** (-exponent / 2)).reshape(-1)[:length]
    return noise / np.sqrt(np.mean(noise**2))


def scale_to_power(samples: np.ndarray, level_db: float) -> np.ndarray:
    """Scale so that the root mean square lies at `level_db` relative to 1."""
    power = max(float(np.mean(np.square(samples))), 1e-12)
    return samples * (10 ** (level_db / 20) / np.sqrt(power))


def to_pcm16(samples: np.ndarray) -> np.ndarray:
    """[-1, 1] float -> int16; louder peaks are clipped as a recorder would."""
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
