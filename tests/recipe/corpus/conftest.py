"""A small corpus directory with silent recordings, to break in one place at a time."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import soundfile


def write_recording(path: Path, seconds: float = 10.0, rate_hz: int = 16_000, channels: int = 1) -> None:
    shape = (int(seconds * rate_hz), channels)
    soundfile.write(path, np.zeros(shape, np.int16), rate_hz, format="NIST", subtype="PCM_16", endian="LITTLE")


@pytest.fixture
def recording():
    return write_recording


@pytest.fixture
def corpus(tmp_path) -> Path:
    """Two talks in each part, odd characters in the path, every other file of release 2 there."""
    root = tmp_path / "TED-LIUM für uns"
    for part in ("train", "dev", "test"):
        for kind in ("sph", "stm"):
            (root / part / kind).mkdir(parents=True)
        for talk in ("Anna_2009", "Zoe.2_2012"):
            write_recording(root / part / "sph" / f"{talk}.sph")
            (root / part / "stm" / f"{talk}.stm").write_text(
                f"{talk} 1 {talk} 0.50 2.00 <F0_F> we don't know\n"
                f"{talk} 1 inter_segment_gap 2.00 3.00 <o,,unknown> ignore_time_segment_in_scoring\n"
                f"{talk} 1 Guest 3.00 5.25 <NA> imiss it\n",
                encoding="utf-8",
            )
    (root / "LM").mkdir()
    (root / "LM" / "news.en.gz").write_bytes(gzip.compress(b"some words\n"))
    (root / "TEDLIUM.152k.dic").write_text("we W IY\n")
    return root
