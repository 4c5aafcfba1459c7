"""From dry synthetic speech to a talk as a microphone hears it: rate, vocal tract, channel, level, noise."""

import numpy as np

SAMPLE_RATE_HZ = 16_000


def resample(samples: np.ndarray, from_hz: float, scale: float = 1.0, tilt_db: float = 0.0) -> np.ndarray:
    """[samples] at `from_hz` -> [samples'] at 16 kHz, lasting `scale` times as long, tilted by dB per octave.

    Done in the frequency domain: exact, fast, and equal on every machine up to rounding. The tilt turns around 1 kHz.
    """
    length = max(1, round(len(samples) * SAMPLE_RATE_HZ / from_hz * scale))
    spectrum = np.fft.rfft(samples)
    kept = np.zeros(length // 2 + 1, dtype=complex)
    count = min(len(kept), len(spectrum))
    kept[:count] = spectrum[:count]
    frequency_hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    octaves = np.log2(np.maximum(frequency_hz, 60.0) / 1000.0)
    return np.fft.irfft(kept * 10 ** (tilt_db * octaves / 20), length) * (length / len(samples))


def coloured_noise(length: int, exponent: float, generator: np.random.Generator) -> np.ndarray:
    """[length] of unit power whose power falls as 1 / f**exponent (0 white, 1 pink) above 50 Hz."""
    spectrum = np.fft.rfft(generator.standard_normal(length))
    frequency_hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    noise = np.fft.irfft(spectrum * np.maximum(frequency_hz, 50.0) ** (-exponent / 2), length)
    return noise / np.sqrt(np.mean(noise**2))


def scale_to_power(samples: np.ndarray, level_db: float) -> np.ndarray:
    """Scale so that the root mean square lies at `level_db` relative to 1."""
    power = max(float(np.mean(np.square(samples))), 1e-12)
    return samples * (10 ** (level_db / 20) / np.sqrt(power))


def to_pcm16(samples: np.ndarray) -> np.ndarray:
    """[-1, 1] float -> int16; louder peaks are clipped as a recorder would."""
    return np.clip(np.round(samples * 32767), -32768, 32767).astype(np.int16)
