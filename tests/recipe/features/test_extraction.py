import numpy as np
import pytest
import soundfile
import torch

from recipe.errors import InputError
from recipe.features.audio import resampled
from recipe.features.config import LogMelConfig, name_at_speed_1
from recipe.features.extraction import write_log_mel
from recipe.formats.hdf import HdfReader
from recipe.formats.segments import Segment, write_segments

CONFIG = LogMelConfig()


@pytest.fixture
def root(tmp_path):
    """Two recordings; the n-th second of the first is a tone of 500 * n Hz."""
    root = tmp_path / "a corpus"
    (root / "train" / "sph").mkdir(parents=True)
    time = np.arange(16_000) / 16_000
    tones = np.concatenate([0.5 * np.sin(2 * np.pi * 500 * number * time) for number in range(1, 7)])
    noise = np.random.default_rng(0).standard_normal(16_000 * 4) * 0.1
    for name, samples in (("tones", tones), ("noise", noise)):
        path = root / "train" / "sph" / f"{name}.sph"
        soundfile.write(path, samples, 16_000, format="NIST", subtype="PCM_16", endian="LITTLE")
    segments = [
        Segment(f"train/tones/{n}", "train/sph/tones.sph", float(n - 1), float(n), "s", "w") for n in range(1, 6)
    ] + [Segment(f"train/noise/{n}", "train/sph/noise.sph", n - 0.73, n + 0.51, "s", "w") for n in range(1, 4)]
    write_segments(root / "segments.xml.gz", segments, "train")
    return root


def extract(root, shard=0, num_shards=1, speed_factor=1.0, name="f.hdf"):
    write_log_mel(root, root / "segments.xml.gz", CONFIG, shard, num_shards, speed_factor, root / name)
    return dict(HdfReader(root / name))


def test_each_segment_is_cut_where_it_stands(root):
    features = extract(root)
    assert len(features) == 8
    loudest = [features[f"train/tones/{n}"].mean(axis=0).argmax() for n in range(1, 6)]
    assert loudest == sorted(set(loudest))  # tones rise from segment to segment
    assert {len(features[f"train/tones/{n}"]) for n in range(1, 6)} == {98}
    assert features["train/noise/1"].shape == (CONFIG.num_frames(round(1.24 * 16_000)), 80)


def test_shards_together_hold_every_segment_once(root):
    whole, shards = extract(root), [extract(root, shard, 3) for shard in range(3)]
    assert sorted(tag for shard in shards for tag in shard) == sorted(whole)
    for shard in shards:
        for tag, energies in shard.items():
            np.testing.assert_array_equal(energies, whole[tag])


def test_equal_bytes_again(root):
    extract(root, name="1.hdf"), extract(root, name="2.hdf")
    assert (root / "1.hdf").read_bytes() == (root / "2.hdf").read_bytes()


def test_speed(root):
    slow = extract(root, speed_factor=0.9)
    assert len(slow["train/tones/1@0.900"]) == CONFIG.num_frames(round(16_000 / 0.9))
    assert [name_at_speed_1(tag) for tag in slow] == list(extract(root, name="1.hdf"))


def test_more_shards_than_segments(root):
    with pytest.raises(InputError, match="too few segments for 9 feature shards"):
        extract(root, 8, 9)


def test_unreadable_recording_is_named(root):
    path = root / "train" / "sph" / "noise.sph"
    whole = path.read_bytes()
    for broken in (b"no audio", whole[: len(whole) // 2], None):
        path.unlink() if broken is None else path.write_bytes(broken)
        with pytest.raises(InputError, match="noise.sph"):
            extract(root)
        assert not (root / "f.hdf").exists()


@pytest.mark.parametrize(("rate_hz", "channels"), [(48_000, 1), (16_000, 2), (22_050, 2)])
def test_a_recording_of_another_format_gives_the_features_of_its_sound(root, rate_hz, channels):
    plain = extract(root)
    path = root / "train" / "sph" / "tones.sph"
    samples, own_hz = soundfile.read(path, dtype="float32")
    converted = resampled(torch.from_numpy(samples), own_hz, rate_hz).numpy()
    soundfile.write(path, np.stack(channels * [converted], axis=1), rate_hz, format="NIST", subtype="PCM_16")
    again = extract(root)
    assert again.keys() == plain.keys()
    for name, frames in plain.items():
        assert again[name].shape == frames.shape
        strong = frames > frames.max() - 3  # within 30 dB of the strongest band
        assert np.abs(again[name] - frames)[strong].max() < 0.1


def test_segment_shorter_than_a_window(root):
    segment = Segment("train/tones/1", "train/sph/tones.sph", 1.0, 1.02, "s", "w")
    write_segments(root / "segments.xml.gz", [segment], "train")
    with pytest.raises(InputError, match="train/tones/1"):
        extract(root)
