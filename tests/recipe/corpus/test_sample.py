"""The sample keeps order and reaches every talk."""

import pytest

from recipe.corpus.sample import sample_segments
from recipe.errors import InputError
from recipe.formats.segments import Segment, read_segments, write_segments


@pytest.fixture
def part(tmp_path):
    segments = [
        Segment(f"dev/t{t}/{n}", f"dev/sph/t{t}.sph", n, n + 1, "s", "a b") for t in range(5) for n in range(1, 9)
    ]
    write_segments(tmp_path / "all.xml.gz", segments, "dev")
    return tmp_path / "all.xml.gz", segments


def test_spaced_evenly_over_all_talks(part, tmp_path):
    path, segments = part
    sample_segments(path, 10, tmp_path / "some.xml.gz")
    chosen = list(read_segments(tmp_path / "some.xml.gz"))
    assert chosen == segments[::4]
    assert {segment.talk for segment in chosen} == {f"t{t}" for t in range(5)}


@pytest.mark.parametrize("number", [40, 41])
def test_all_of_them(part, tmp_path, number):
    path, segments = part
    sample_segments(path, number, tmp_path / "same.xml.gz")
    assert list(read_segments(tmp_path / "same.xml.gz")) == segments


def test_none(part, tmp_path):
    with pytest.raises(InputError, match="give at least one"):
        sample_segments(part[0], 0, tmp_path / "some.xml.gz")
    assert not (tmp_path / "some.xml.gz").exists()
