import numpy as np
import pytest

from recipe.corpus.mini.sound import coloured_noise, resample, scale_to_power, to_pcm16


@pytest.mark.parametrize("length, scale", [(44_100, 1.0), (50_021, 0.93), (31_337, 1.07)])
def test_resampling_a_tone(length, scale):
    """A tone of 1 kHz keeps its amplitude, lasts `scale` times as long and drops by that factor."""
    seconds = length / 22_050
    tone = np.sin(2 * np.pi * 1000 * np.arange(length) / 22_050)
    resampled = resample(tone, 22_050, scale)
    assert len(resampled) == pytest.approx(seconds * scale * 16_000, rel=0.011)
    middle = resampled[2000:-2000] * np.hanning(len(resampled) - 4000)
    spectrum = np.abs(np.fft.rfft(middle, 1 << 20))
    assert spectrum.argmax() * 16_000 / (1 << 20) == pytest.approx(1000 / scale, rel=0.011)
    assert np.abs(resampled[2000:-2000]).max() == pytest.approx(1.0, rel=0.01)


def test_frequencies_above_the_new_limit_vanish():
    tone = np.sin(2 * np.pi * 9500 * np.arange(44_100) / 22_050)
    assert np.abs(resample(tone, 22_050)[1000:-1000]).max() < 0.01


def test_tilt():
    tone = np.sin(2 * np.pi * 4000 * np.arange(44_100) / 22_050)
    flat, tilted = (np.std(resample(tone, 22_050, tilt_db=tilt)) for tilt in (0, -3))
    assert 20 * np.log10(tilted / flat) == pytest.approx(-6, abs=0.1)


@pytest.mark.parametrize("exponent", [0.0, 1.0])
def test_noise_slope_and_power(exponent):
    noise = coloured_noise(160_000, exponent, np.random.default_rng(0))
    assert np.mean(noise**2) == pytest.approx(1)
    power = np.abs(np.fft.rfft(noise)) ** 2
    octaves = [power[start : 2 * start].mean() for start in (2000, 4000, 8000, 16_000)]
    np.testing.assert_allclose(10 * np.log10(np.array(octaves[1:]) / octaves[:-1]), -3.01 * exponent, atol=0.5)


def test_level_and_clipping():
    samples = scale_to_power(np.random.default_rng(0).standard_normal(1000), -20)
    assert 10 * np.log10(np.mean(samples**2)) == pytest.approx(-20)
    assert to_pcm16(np.array([-2.0, -1.0, 0.0, 2.0])).tolist() == [-32768, -32767, 0, 32767]
