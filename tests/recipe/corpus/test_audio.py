import random
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from recipe.corpus.audio import store_part, store_recording, stored_name, write_stored_segments
from recipe.corpus.audio_jobs import StoreAudioJob, stored_audio
from recipe.corpus.config import PUBLISHED_RULES, AudioStorage, SegmentPadding, TedliumDirectory
from recipe.corpus.jobs import SegmentCorpusJob, corpus_root
from recipe.corpus.segmentation import segment_part
from recipe.errors import InputError
from recipe.features.extraction import read_samples
from recipe.formats.segments import read_segments

TALKS = ("Anna_2009", "Zoe.2_2012")
FLAC, VORBIS = AudioStorage(), AudioStorage(codec="vorbis")


@pytest.fixture
def tones(tmp_path):
    """Six seconds of a gliding tone."""
    time_s = np.arange(6 * 16_000) / 16_000
    samples = (9000 * np.sin(2 * np.pi * (200 + 100 * time_s) * time_s)).astype(np.int16)
    path = tmp_path / "a talk.2.sph"
    soundfile.write(path, samples, 16_000, format="NIST", subtype="PCM_16", endian="LITTLE")
    return path, samples


def test_flac_loses_nothing(tones, tmp_path):
    source, samples = tones
    store_recording(source, tmp_path / "talk.flac", FLAC)
    read, rate_hz = soundfile.read(tmp_path / "talk.flac", dtype="int16")
    assert rate_hz == 16_000 and (read == samples).all()
    assert (tmp_path / "talk.flac").stat().st_size < source.stat().st_size


def test_vorbis_is_as_long_and_as_good_as_asked_for(tones, tmp_path):
    source, samples = tones
    errors, sizes = [], []
    for quality in (0.0, 0.3, 1.0):
        path = tmp_path / f"{quality}.ogg"
        store_recording(source, path, AudioStorage(codec="vorbis", vorbis_quality=quality))
        read, _ = soundfile.read(path, dtype="float32")
        assert len(read) == len(samples)
        errors.append(np.square(read - samples / 32768).mean())
        sizes.append(path.stat().st_size)
    assert errors[0] > errors[1] > errors[2] and sizes[0] < sizes[1] < sizes[2] < source.stat().st_size
    assert errors[1] < 1e-2 * np.square(samples / 32768).mean()


@pytest.mark.parametrize("storage", [FLAC, VORBIS], ids=["flac", "vorbis"])
def test_equal_bytes_again(tones, tmp_path, storage):
    paths = [tmp_path / f"{number}{storage.suffix}" for number in (1, 2)]
    store_recording(tones[0], paths[0], storage)
    store_recording(tones[0], paths[1], storage)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.fixture
def stored(corpus, tones):
    """(root, segments) of a part whose first talk is the gliding tone, stored by (codec)."""
    talk = corpus / "train" / "sph" / "Anna_2009.sph"
    talk.write_bytes(tones[0].read_bytes())
    outputs = [corpus / name for name in ("segments.xml.gz", "text", "stm", "statistics")]
    segment_part(corpus, "train", SegmentPadding(), PUBLISHED_RULES, *map(str, outputs))

    def store(storage, num_parts=2):
        out = corpus / storage.codec
        for part in range(num_parts):
            store_part(corpus, outputs[0], storage, out, part, num_parts)
        write_stored_segments(outputs[0], storage, out / "segments.xml.gz")
        return out, list(read_segments(out / "segments.xml.gz"))

    return store


def test_the_feature_job_reads_the_same_samples(stored, corpus):
    plain = [samples for _, samples in read_samples(corpus, read_segments(corpus / "segments.xml.gz"), 16_000)]
    root, segments = stored(FLAC)
    assert [segment.recording for segment in segments[1:3]] == [
        "train/flac/Anna_2009.flac",
        "train/flac/Zoe.2_2012.flac",
    ]
    for (segment, samples), expected in zip(read_samples(root, iter(segments), 16_000), plain, strict=True):
        assert samples.equal(expected), segment.name


def test_any_stretch_of_vorbis_reads_as_the_whole_does(stored):
    root, segments = stored(VORBIS)
    whole, _ = soundfile.read(root / segments[0].recording, dtype="float32")
    draw = random.Random(0)
    starts = [draw.randrange(0, 500) / 100 for _ in range(100)]
    stretches = [replace(segments[0], start_s=start, end_s=start + 0.5) for start in starts]
    for segment, samples in read_samples(root, iter(stretches), 16_000):
        start = round(segment.start_s * 16_000)
        np.testing.assert_array_equal(samples.numpy(), whole[start : start + 8000])


def test_what_is_there_is_kept_and_a_file_stands_for_a_talk(stored, corpus):
    root, _ = stored(FLAC, num_parts=5)
    files = sorted((root / "train" / "flac").iterdir())
    assert [path.name for path in files] == [f"{talk}.flac" for talk in TALKS]
    files[0].write_bytes(b"kept")
    stored(FLAC)
    assert files[0].read_bytes() == b"kept"


def test_names():
    assert stored_name("dev/sph/Zoe.2_2012.sph", VORBIS) == "dev/ogg/Zoe.2_2012.ogg"


def test_recording_that_is_no_audio_is_named(tmp_path):
    (tmp_path / "talk.sph").write_bytes(b"NIST_1A\n   1024\nnothing")
    with pytest.raises(InputError, match="talk.sph cannot be converted"):
        store_recording(tmp_path / "talk.sph", tmp_path / "talk.flac", FLAC)
    assert not (tmp_path / "talk.flac").exists()


@pytest.mark.parametrize("values", [{"codec": "mp3"}, {"vorbis_quality": 1.5}])
def test_impossible_settings(values):
    with pytest.raises(InputError, match=next(iter(values))):
        AudioStorage(**values)


def test_identity_is_the_storage_and_not_the_number_of_tasks(corpus):
    root = corpus_root(TedliumDirectory(root=str(corpus)))
    segments = SegmentCorpusJob(root, "dev").out_segments
    ids = {StoreAudioJob(root, segments, FLAC, number).job_id() for number in (1, 2, 9)}
    assert len(ids) == 1 and StoreAudioJob(root, segments, VORBIS).job_id() not in ids
    assert stored_audio(root, segments, None, 3) == (root, segments)
