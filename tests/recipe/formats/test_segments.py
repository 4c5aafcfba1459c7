import gzip
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe.errors import InputError
from recipe.formats.segments import Segment, read_segments, write_segments

names = st.text(alphabet="aB9_.-&<>'\"é日", min_size=1, max_size=8)
times = st.floats(0, 10**4)


@st.composite
def corpora(draw):
    segments = []
    for talk in draw(st.lists(names, max_size=4, unique=True)):
        for number in range(1, draw(st.integers(2, 4))):
            words = draw(st.lists(names, min_size=1, max_size=5))
            recording = f"train/sph/{talk}.sph"
            segments.append(
                Segment(f"train/{talk}/{number}", recording, draw(times), draw(times), draw(names), " ".join(words))
            )
    return segments


@given(corpora())
def test_round_trip(tmp_path_factory, segments):
    path = tmp_path_factory.mktemp("segments") / "segments.xml.gz"
    write_segments(path, segments, "train")
    assert list(read_segments(path)) == segments


def many(count):
    for index in range(count):
        talk = f"talk{index // 60}"
        yield Segment(f"train/{talk}/{index % 60 + 1}", f"train/sph/{talk}.sph", 1.0, 2.0, "s", "some words to say")


def test_equal_segments_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        write_segments(tmp_path / f"{name}.xml.gz", many(100), "train")
    assert (tmp_path / "a.xml.gz").read_bytes() == (tmp_path / "b.xml.gz").read_bytes()


def test_memory_does_not_grow_with_the_corpus(tmp_path):
    def peak_of_round_trip(count):
        tracemalloc.start()
        write_segments(tmp_path / "segments.xml.gz", many(count), "train")
        assert sum(1 for _ in read_segments(tmp_path / "segments.xml.gz")) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_of_round_trip(12_000) < 1.5 * peak_of_round_trip(1_200)


@pytest.mark.parametrize(
    "left_out", [' name="talk0"', ' audio="train/sph/talk0.sph"', ' end="2.0"', "<orth>some words to say</orth>"]
)
def test_a_segment_without_one_of_its_fields_is_named(tmp_path, left_out):
    path = tmp_path / "segments.xml.gz"
    write_segments(path, many(1), "train")
    content = gzip.decompress(path.read_bytes()).decode()
    assert content.count(left_out) == 1
    path.write_bytes(gzip.compress(content.replace(left_out, "").encode()))
    with pytest.raises(InputError, match=r"segments\.xml\.gz is not a complete segment file"):
        list(read_segments(path))


def test_incomplete_files_are_named(tmp_path):
    path = tmp_path / "segments.xml.gz"
    write_segments(path, many(500), "train")
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], b"text", gzip.compress(b"<corpus name='a'>"), gzip.compress(b"<corpus/")):
        path.write_bytes(broken)
        with pytest.raises(InputError, match="segments.xml.gz"):
            list(read_segments(path))


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1b", "\ufffe", "\uffff", "\ud800"])
@pytest.mark.parametrize("field", ["name", "recording", "speaker", "words"])
def test_what_xml_cannot_hold_is_refused_before_it_is_written(tmp_path, field, character):
    value = f"train/a{character}b/1" if field == "name" else f"a{character}b"
    segment = replace(next(many(1)), **{field: value})
    with pytest.raises(InputError, match=f"holds U\\+{ord(character):04X}, which XML cannot"):
        write_segments(tmp_path / "segments.xml.gz", [segment], "train")
    assert not list(tmp_path.iterdir())
