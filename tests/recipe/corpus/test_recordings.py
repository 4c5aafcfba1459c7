"""Headers of recordings, and which of them a part may hold together."""

import pytest

from recipe.corpus.recordings import AudioHeader, AudioRules, AudioTally, audio_header
from recipe.errors import InputError
from recipe.given_audio import RecordingInputError
from tests.recipe.corpus.stand_ins import write_noise


@pytest.mark.parametrize("suffix", [".flac", ".wav", ".sph", ".ogg"])
@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (44_100, 2), (8_000, 1)])
def test_headers_of_every_format(tmp_path, suffix, rate_hz, channels):
    path = tmp_path / f"a{suffix}"
    write_noise(path, 0.5, rate_hz, channels)
    assert audio_header(path) == AudioHeader(rate_hz // 2, rate_hz, channels)
    assert audio_header(path).seconds == 0.5


def test_what_is_no_recording_is_refused(tmp_path):
    with pytest.raises(InputError, match="gone.flac is not there"):
        audio_header(tmp_path / "gone.flac")
    (tmp_path / "text.flac").write_text("no sound")
    with pytest.raises(RecordingInputError, match="cannot be read as audio"):
        audio_header(tmp_path / "text.flac")
    write_noise(tmp_path / "empty.wav", 0.0)
    with pytest.raises(RecordingInputError, match="empty.wav holds no samples"):
        audio_header(tmp_path / "empty.wav")
    write_noise(tmp_path / "cut.sph", 2.0)
    whole = (tmp_path / "cut.sph").read_bytes()
    (tmp_path / "cut.sph").write_bytes(whole[:-2000])
    with pytest.raises(RecordingInputError, match="its header says 32000 samples, 31000 are there"):
        audio_header(tmp_path / "cut.sph")


def test_rates_and_channels_are_counted_or_refused(tmp_path):
    headers = [AudioHeader(8000, 16_000, 1), AudioHeader(8000, 8_000, 1), AudioHeader(8000, 8_000, 2)]
    tally = AudioTally(AudioRules(mix_channels=True, mixed_rates=True))
    for header in headers:
        tally.add(tmp_path / "a.wav", header)
    assert tally.statistics() == {
        "recordings_by_rate_hz": {"8000": 2, "16000": 1},
        "resampled_recordings": 2,
        "mixed_recordings": 1,
    }
    strict = AudioTally(AudioRules())
    strict.add(tmp_path / "a.wav", headers[0])
    with pytest.raises(InputError, match="b.wav has 8000 Hz where .*a.wav has 16000 Hz"):
        strict.add(tmp_path / "b.wav", headers[1])
    with pytest.raises(InputError, match="b.wav has 2 channels"):
        strict.add(tmp_path / "b.wav", headers[2])
