"""Fuzzes the readers of recordings: `audio.py FOLDER -max_total_time=600 -max_len=20000`; see README.md."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import atheris
import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["recipe"]):
    from harness import fuzz

    from recipe.corpus.layout import recording_seconds
    from recipe.errors import InputError
    from recipe.features.extraction import read_samples
    from recipe.formats.segments import Segment
    from recipe.transcribe.audio import read_recording

RATE_HZ = 16_000
KINDS = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", None), ("NIST", "PCM_16"),
         ("AIFF", "PCM_16"), ("AU", "PCM_16"), ("RF64", "PCM_16"), ("W64", "PCM_16"), ("CAF", "PCM_16")]  # fmt: skip


def seeds() -> Iterator[bytes]:
    """A fifth of a second of noise in every format."""
    noise = (0.1 * np.random.default_rng(0).standard_normal(RATE_HZ // 5)).astype(np.float32)
    for kind, subtype in KINDS:
        file = io.BytesIO()
        soundfile.write(file, noise, RATE_HZ, format=kind, subtype=subtype)
        yield file.getvalue()


def read(folder: Path, content: bytes) -> None:
    """As a recording of a corpus, then as one to transcribe: what is accepted has finite samples."""
    path = folder / "a.sph"
    path.write_bytes(content)
    try:
        length_s = recording_seconds(path)
        segments = iter([Segment("train/a/1", "a.sph", 0.0, min(length_s, 1.0), "s", "w")])
        for _, samples in read_samples(folder, segments, RATE_HZ):
            assert samples.isfinite().all()
    except InputError:
        pass
    assert read_recording(path, RATE_HZ).samples.isfinite().all()


if __name__ == "__main__":
    fuzz(read, seeds())
