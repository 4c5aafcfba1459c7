"""Log-mel energies against formulas written down here: Slaney's mel scale, loops over bands, numpy's transform."""

import numpy as np
import pytest
import torch

from recipe.errors import InputError
from recipe.features.config import LogMelConfig
from recipe.features.log_mel import LogMel, change_speed, normalised, prepare_waveform


def slaney_hz(mel):
    """Linear (3 mel per 200 Hz) up to 1 kHz = 15 mel, then 27 mel for each factor of 6.4."""
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def slaney_mel(hz):
    return hz * 3 / 200 if hz < 1000 else 15 + 27 * np.log(hz / 1000) / np.log(6.4)


def triangle(hz, low, centre, high):
    """Band of area 1 (Slaney's norm)."""
    height = 2 / (high - low)
    return height * max(0.0, min((hz - low) / (centre - low), (high - hz) / (high - centre)))


def reference(samples, config):
    emphasised = samples.astype(np.float64).copy()
    for index in range(len(samples) - 1, 0, -1):
        emphasised[index] -= config.pre_emphasis * emphasised[index - 1]
    emphasised /= np.abs(emphasised).max()
    size = config.window_samples
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    edges = [
        slaney_hz(mel)
        for mel in np.linspace(
            slaney_mel(config.min_frequency_hz), slaney_mel(config.max_frequency_hz), config.num_mels + 2
        )
    ]
    bins_hz = [index * config.sample_rate_hz / size for index in range(size // 2 + 1)]
    bands = np.array([[triangle(hz, *edges[band : band + 3]) for hz in bins_hz] for band in range(config.num_mels)])
    rows = []
    for start in range(0, len(samples) - size + 1, config.shift_samples):
        power = np.abs(np.fft.rfft(emphasised[start : start + size] * window)) ** 2
        rows.append(np.log10(np.maximum(bands @ power, config.floor)))
    return np.array(rows)


@pytest.mark.parametrize("config", [LogMelConfig(), LogMelConfig(num_mels=23, min_frequency_hz=20.0)])
def test_against_the_formulas(config):
    generator = np.random.default_rng(0)
    time = np.arange(6000) / 16_000
    samples = 0.3 * np.sin(2 * np.pi * 700 * time) + 0.01 * generator.standard_normal(6000)
    samples = torch.from_numpy(samples.astype(np.float32))
    energies = LogMel(config)(prepare_waveform(samples, config))
    assert energies.dtype == torch.float32
    assert energies.shape == (config.num_frames(6000), config.num_mels)
    np.testing.assert_allclose(energies.numpy(), reference(samples.numpy(), config), atol=2e-4)


@pytest.mark.parametrize("samples, frames", [(399, 0), (400, 1), (559, 1), (560, 2), (16_000, 98)])
def test_number_of_frames(samples, frames):
    config = LogMelConfig()
    assert config.num_frames(samples) == frames
    if frames:
        assert len(LogMel(config)(torch.zeros(samples))) == frames
    else:
        with pytest.raises(ValueError, match="399"):
            LogMel(config)(torch.zeros(samples))


def test_silence_lies_on_the_floor():
    config = LogMelConfig()
    energies = LogMel(config)(prepare_waveform(torch.zeros(1000), config))
    assert torch.all(energies == -10)


def test_loudness_does_not_matter():
    config, samples = LogMelConfig(), torch.randn(2000, generator=torch.Generator().manual_seed(0))
    loud, quiet = (LogMel(config)(prepare_waveform(samples * gain, config)) for gain in (1.0, 0.01))
    torch.testing.assert_close(loud, quiet, atol=1e-4, rtol=0)


@pytest.mark.parametrize("factor", [0.9, 1.0, 1.1, 1 / 0.9, 1 / 1.1])
def test_speed_shortens_and_raises(factor):
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(16_000) / 16_000)
    changed = change_speed(tone, factor)
    assert len(changed) == pytest.approx(16_000 / factor, abs=1)
    spectrum = torch.fft.rfft(changed, 160_000).abs()
    assert spectrum.argmax().item() / 10 == pytest.approx(1000 * factor, abs=1)


@pytest.mark.parametrize(
    "values", [{"max_frequency_hz": 9000.0}, {"shift_samples": 0}, {"num_mels": 0}, {"min_frequency_hz": -1.0}]
)
def test_impossible_settings(values):
    with pytest.raises(InputError):
        LogMelConfig(**values)


def test_normalised_bands_have_mean_0_and_the_variance_of_their_frames_1():
    log_mel = torch.tensor([[1.0, 7.0, -2.0], [3.0, 7.0, -2.5], [8.0, 7.0, 4.0]])
    bands = normalised(log_mel).double().numpy()
    np.testing.assert_allclose(bands.sum(0), 0, atol=1e-6)
    np.testing.assert_allclose((bands**2).sum(0) / 3, [1, 0, 1], atol=1e-5)  # over 3 frames, not over 2
    np.testing.assert_allclose(bands[:, 0], (np.array([1, 3, 8]) - 4) / np.sqrt(26 / 3), rtol=1e-5)


def test_bands_are_normalised_only_on_request():
    samples = torch.randn(2000, generator=torch.Generator().manual_seed(0))
    plain, asked = (LogMel(LogMelConfig(normalise_bands=on))(samples) for on in (False, True))
    torch.testing.assert_close(asked, normalised(plain))
    assert (plain - asked).abs().max() > 1
