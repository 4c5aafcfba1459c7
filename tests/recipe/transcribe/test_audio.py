import os

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.transcribe.audio import LONGEST_PIECE_S, cut, read_recording

RATE_HZ = 16_000


def tone(rate_hz: int, channels: int = 1, seconds: float = 0.5, frequency_hz: float = 440.0) -> np.ndarray:
    """[N, channels]: half as loud on each further channel."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    wave = 0.5 * np.sin(2 * np.pi * frequency_hz * time_s)
    return np.stack([wave / 2**channel for channel in range(channels)], axis=1)


@pytest.mark.parametrize(
    ("name", "rate_hz", "channels"),
    [("a b.wav", 16_000, 1), ("ä.wav", 44_100, 2), ("a.flac", 8_000, 1), ("a.ogg", 48_000, 2), ("a.mp3", 8_000, 2),
     ("odd.wav", 44_101, 1), ("a.aiff", 11_025, 6)],
)  # fmt: skip
def test_any_format_rate_and_channel_count_gives_the_same_tone(tmp_path, name, rate_hz, channels):
    soundfile.write(tmp_path / name, tone(rate_hz, channels), rate_hz)
    recording = read_recording(tmp_path / name, RATE_HZ)
    lossy = name.endswith(("mp3", "ogg"))
    assert recording.duration_s == pytest.approx(0.5, abs=0.1 if lossy else 1e-3)
    assert len(recording.samples) == pytest.approx(recording.duration_s * RATE_HZ, abs=2)
    middle = recording.samples[2000:6000]
    spectrum = torch.fft.rfft(middle * torch.hann_window(len(middle))).abs()
    assert abs(int(spectrum.argmax()) * RATE_HZ / len(middle) - 440) <= 4
    loudness = 0.5 * sum(0.5**channel for channel in range(channels)) / channels
    assert float(middle.abs().max()) == pytest.approx(loudness, rel=0.1)
    notes = ", ".join(recording.notes)
    assert ("mixed down" in notes) == (channels > 1)
    assert ("resampled" in notes) == (rate_hz != RATE_HZ)
    assert ("expect more errors" in notes) == (rate_hz < RATE_HZ)


def test_samples_at_the_right_rate_are_those_of_the_file(tmp_path):
    written = tone(RATE_HZ).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", written, RATE_HZ, subtype="FLOAT")
    assert np.array_equal(read_recording(tmp_path / "a.wav", RATE_HZ).samples.numpy(), written[:, 0])


@pytest.mark.parametrize("loudness, silent", [(0.0, True), (1.0, False)])
def test_silence_is_noted(tmp_path, loudness, silent):
    soundfile.write(tmp_path / "a.wav", loudness * tone(RATE_HZ), RATE_HZ)
    assert ("silence only" in read_recording(tmp_path / "a.wav", RATE_HZ).notes) == silent


def broken(folder):
    (folder / "text.wav").write_text("no audio at all")
    (folder / "empty.wav").touch()
    soundfile.write(folder / "short.wav", tone(RATE_HZ, seconds=0.09), RATE_HZ)
    soundfile.write(folder / "none.wav", tone(RATE_HZ, seconds=0), RATE_HZ)
    soundfile.write(folder / "slow.wav", np.zeros(1000), 10)
    (folder / "noise.raw").write_bytes(bytes(range(256)) * 100)
    os.mkfifo(folder / "fifo.wav")
    (folder / "loop.wav").symlink_to("loop.wav")
    soundfile.write(folder / "nan.wav", np.full(RATE_HZ, np.nan, dtype=np.float32), RATE_HZ, subtype="FLOAT")


@pytest.mark.parametrize(
    ("name", "what"),
    [("absent.wav", "does not exist"), ("", "no file"), ("text.wav", "cannot be read as audio"),
     ("empty.wav", "cannot be read as audio"), ("short.wav", "lasts 0.090 s"), ("none.wav", "lasts 0.000 s"),
     ("nan.wav", "no numbers"), ("slow.wav", "has 10 Hz"), ("noise.raw", "cannot be read as audio"),
     ("fifo.wav", "is a fifo"), ("loop.wav", "leads back to itself")],
)  # fmt: skip
def test_what_is_no_recording_is_refused_in_one_sentence(tmp_path, name, what):
    broken(tmp_path)
    with pytest.raises(InputError, match=what) as refused:
        read_recording(tmp_path / name, RATE_HZ)
    assert str(refused.value).startswith(str(tmp_path)) and "\n" not in str(refused.value)


@given(st.integers(1, 600_000), st.integers(0, 3))
def test_pieces_cover_the_recording_and_none_is_long_or_tiny(num_samples, seed):
    samples = torch.randn(num_samples, generator=torch.Generator().manual_seed(seed))
    pieces = cut(samples, RATE_HZ)
    assert [first for first, _ in pieces] == [0, *(end for _, end in pieces[:-1])]
    assert pieces[-1][1] == num_samples
    assert all(end - first <= LONGEST_PIECE_S * RATE_HZ for first, end in pieces)
    assert len(pieces) == 1 or all(end - first >= RATE_HZ for first, end in pieces)


def test_cuts_fall_into_pauses():
    samples = torch.randn(25 * RATE_HZ, generator=torch.Generator().manual_seed(0))
    pauses_s = (7.0, 13.5, 19.0)
    for pause_s in pauses_s:
        samples[round(pause_s * RATE_HZ) : round((pause_s + 0.4) * RATE_HZ)] = 0
    ends_s = [end / RATE_HZ for _, end in cut(samples, RATE_HZ)[:-1]]
    assert len(ends_s) == 3
    assert all(pause_s < end_s < pause_s + 0.4 for pause_s, end_s in zip(pauses_s, ends_s, strict=True))
