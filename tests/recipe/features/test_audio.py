"""Recordings of any rate and number of channels as one channel at 16 kHz."""

import numpy as np
import pytest
import soundfile
import torch

from recipe.features.audio import mono_samples, resampled


def tone(hz: float, rate_hz: int, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 11_127, 22_050, 44_100, 48_000])
def test_a_tone_keeps_its_frequency_and_its_length(rate_hz):
    samples = resampled(torch.from_numpy(tone(1000, rate_hz)), rate_hz, 16_000)
    assert len(samples) == pytest.approx(16_000, abs=2)
    inner = slice(500, 15_000)  # filters see the ends
    expected = torch.from_numpy(tone(1000, 16_000))
    assert (samples[inner] - expected[inner]).abs().max() < 0.02


def test_the_own_rate_leaves_samples_alone():
    samples = torch.rand(100)
    assert resampled(samples, 16_000, 16_000) is samples


def test_channels_are_averaged_from_the_first_sample_asked_for(tmp_path):
    left, right = tone(300, 16_000), tone(500, 16_000)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    with soundfile.SoundFile(tmp_path / "a.wav") as file:
        samples = mono_samples(file, 1000, 4000)
        assert len(mono_samples(file, 15_000, 4000)) == 1000  # as many as there are
    np.testing.assert_allclose(samples.numpy(), ((left + right) / 2)[1000:5000], atol=1e-6)
