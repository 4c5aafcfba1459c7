import struct

import numpy as np
import pytest
import soundfile

from recipe.corpus.layout import recording_seconds
from recipe.errors import InputError
from recipe.features.extraction import read_samples
from recipe.formats.segments import Segment
from recipe.given_audio import RecordingInputError, require_decoded, require_sound, sphere_header
from recipe.transcribe.audio import read_recording

RATE_HZ = 16_000
FORMATS = ["a.wav", "a.flac", "a.ogg", "a.mp3", "a.aiff", "a.au", "a.caf", "a.w64", "a.rf64", "a.sph"]


def write(path, seconds=2.0, **options):
    noise = 0.1 * np.random.default_rng(0).standard_normal(int(seconds * RATE_HZ))
    options |= {".rf64": {"format": "RF64"}, ".sph": {"format": "NIST", "subtype": "PCM_16"}}.get(path.suffix, {})
    soundfile.write(path, noise.astype(np.float32), RATE_HZ, **options)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_recording_of_any_format_passes(tmp_path, name):
    assert read_recording(write(tmp_path / name), RATE_HZ).duration_s == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_that_was_cut_is_not_transcribed(tmp_path, name, share):
    path = write(tmp_path / name)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match="(truncated|cannot be (read|decoded))") as refused:
        read_recording(path, RATE_HZ)
    assert str(refused.value).startswith(str(path)) and "\n" not in str(refused.value)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF024])
def test_a_wav_file_from_a_pipe_has_no_length_in_its_header_and_passes(tmp_path, size):
    path = write(tmp_path / "a.wav")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 40, size)
    path.write_bytes(content)
    assert read_recording(path, RATE_HZ).duration_s == 2.0


def test_an_mp3_without_a_count_is_told_to_be_so(tmp_path):
    content = write(tmp_path / "a.mp3").read_bytes()
    (tmp_path / "b.mp3").write_bytes(content[content.index(content[:2], 4) :])  # without its first frame
    noted = [" ".join(read_recording(tmp_path / name, RATE_HZ).notes) for name in ("a.mp3", "b.mp3")]
    assert ["holds no length" in notes for notes in noted] == [False, True]


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.au"])
def test_a_cut_recording_under_the_name_of_another_format_is_unreadable_in_a_corpus(tmp_path, name):
    path = write(tmp_path / name)
    (tmp_path / "a.sph").write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(RecordingInputError, match="a.sph is truncated"):
        recording_seconds(tmp_path / "a.sph")


def with_header(path, old: bytes, new: bytes):
    content = path.read_bytes()
    header, data = content[:1024], content[1024:]
    assert old in header
    path.write_bytes(header.replace(old, new).rstrip(b"\0 ").ljust(1024, b" ") + data)
    return path


@pytest.mark.parametrize("read", [recording_seconds, lambda path: read_recording(path, RATE_HZ)])
def test_compressed_sphere_is_told_how_to_unpack(tmp_path, read):
    path = with_header(write(tmp_path / "a.sph"), b"-s3 pcm", b"-s26 pcm,embedded-shorten-v2.00")
    with pytest.raises(InputError, match="compressed .*'pcm,embedded-shorten-v2.00'.*sph2pipe") as refused:
        read(path)
    assert not isinstance(refused.value, RecordingInputError)  # nor is the corpus a hundredth smaller without it


@pytest.mark.parametrize(
    ("old", "new", "seconds"),
    [
        (b"sample_count -i 32000", b"sample_count -i 32001", None),
        (b"sample_count -i 32000", b"sample_count -i 99999999999999999999999", 2.0),
        (b"sample_count -i 32000", b"sample_count -i x", 2.0),
    ],
)
def test_sample_counts_of_sphere_headers(tmp_path, old, new, seconds):
    path = with_header(write(tmp_path / "a.sph"), old, new)
    if seconds is None:
        with pytest.raises(RecordingInputError, match="header says 32001 samples, 32000 are there"):
            recording_seconds(path)
    else:
        assert recording_seconds(path) == seconds


def test_a_sphere_header_of_any_size_is_read_whole(tmp_path):
    path = write(tmp_path / "a.sph")
    content = path.read_bytes()
    header = (
        content[:1024]
        .replace(b"   1024", b"   4096")
        .replace(b"sample_count", b"note -s2000 " + b"x" * 2000 + b"\nsample_count")
    )
    path.write_bytes(header[: header.index(b"end_head") + 9].ljust(4096) + content[1024:-10_000])
    assert sphere_header(path)["sample_count"] == "32000"
    with pytest.raises(RecordingInputError, match="header says 32000 samples, 27000 are there"):
        recording_seconds(path)


@pytest.mark.parametrize(
    "start", [b"NIST_1A\n   -100\n", b"NIST_1A\n9999999\n", b"NIST_1A\n", b"NIST_1A\n   1e10\n", b"RIFF"]
)
def test_headers_that_are_none_have_no_fields(tmp_path, start):
    (tmp_path / "a.sph").write_bytes(start)
    assert sphere_header(tmp_path / "a.sph") == {}


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 1e38])
def test_a_sample_that_is_no_sound_is_named_with_its_time(tmp_path, value):
    samples = np.zeros(2 * RATE_HZ, np.float32)
    samples[24_000] = value
    soundfile.write(tmp_path / "a.sph", samples, RATE_HZ, format="WAV", subtype="FLOAT")
    told = r"a.sph holds samples that are no numbers, or far too loud, from 1.500 s on"
    with pytest.raises(InputError, match=told):
        read_recording(tmp_path / "a.sph", RATE_HZ)
    segments = [Segment(f"train/a/{n}", "a.sph", start, start + 0.5, "s", "w") for n, start in enumerate((0.25, 1.25))]
    read = read_samples(tmp_path, iter(segments), RATE_HZ)
    assert len(next(read)[1]) == 8000
    with pytest.raises(InputError, match=told):
        next(read)


def test_loud_but_finite_samples_pass():
    require_sound(np.array([[32768.0, -32768.0]]), "a.wav", 0, RATE_HZ)
    with pytest.raises(InputError, match="from 0.001 s"):
        require_sound(np.array([[0.0, 0.0], [0.0, np.nan]]), "a.wav", 0, 1000)


def test_decoded_frames_are_compared_with_the_header(tmp_path):
    info = soundfile.info(write(tmp_path / "a.flac"))
    require_decoded("a.flac", info, 32_000)
    with pytest.raises(RecordingInputError, match="32000 frames, 31999 can be decoded"):
        require_decoded("a.flac", info, 31_999)
