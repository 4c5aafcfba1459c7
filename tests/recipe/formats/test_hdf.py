import h5py
import numpy as np
import pytest

from recipe.errors import InputError
from recipe.formats import hdf


def sequences(count, seed):
    generator = np.random.default_rng(seed)
    for index in range(count):
        yield f"train/talk é/{index}", generator.standard_normal((generator.integers(1, 60), 5)).astype("float32")


def write(path, items, dim=5, sparse=False):
    with hdf.HdfWriter(path, dim, sparse) as file:
        for tag, sequence in items:
            file.append(tag, sequence)


@pytest.mark.parametrize("block_bytes", [1, 2000, 1 << 22])
def test_round_trip_whatever_the_block(tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr(hdf, "_BLOCK_BYTES", max(block_bytes, 4 * 5 * 8))
    write(tmp_path / "a.hdf", sequences(30, 0))
    read = list(hdf.HdfReader(tmp_path / "a.hdf").items())
    for (tag, sequence), (read_tag, read_sequence) in zip(sequences(30, 0), read, strict=True):
        assert tag == read_tag
        np.testing.assert_array_equal(sequence, read_sequence)


def test_equal_input_gives_equal_bytes(tmp_path):
    for name in ("a.hdf", "b.hdf"):
        write(tmp_path / name, sequences(20, 1))
    assert (tmp_path / "a.hdf").read_bytes() == (tmp_path / "b.hdf").read_bytes()


def test_nothing_is_left_of_a_failure(tmp_path):
    with pytest.raises(ValueError, match="does not fit"):
        write(tmp_path / "a.hdf", [("a", np.zeros((3, 5))), ("b", np.zeros((3, 4)))])
    assert list(tmp_path.iterdir()) == []


def test_each_sequence_comes_back_from_whichever_file_holds_it(tmp_path):
    kept = dict(sequences(5, 3)) | {"train/none/0": np.zeros((0, 5), "float32")}
    write(tmp_path / "one.hdf", list(kept.items())[:3])
    write(tmp_path / "two.hdf", list(kept.items())[3:])
    with hdf.HdfReader(tmp_path / "one.hdf", tmp_path / "two.hdf") as found:
        assert list(found) == [*kept] == hdf.read_tags(tmp_path / "one.hdf", tmp_path / "two.hdf")
        for tag in reversed(kept):
            np.testing.assert_array_equal(found[tag], kept[tag])
        assert found.filename([*kept][4]) == str(tmp_path / "two.hdf")


def test_lengths_in_one_column_are_read_too(tmp_path):
    kept = dict(sequences(4, 4))
    write(tmp_path / "a.hdf", kept.items())
    with h5py.File(tmp_path / "a.hdf", "a") as file:
        lengths = file["seqLengths"][:, 0]
        del file["seqLengths"]
        file["seqLengths"] = lengths
    assert {tag: len(sequence) for tag, sequence in hdf.HdfReader(tmp_path / "a.hdf").items()} == {
        tag: len(sequence) for tag, sequence in kept.items()
    }


def test_a_tag_in_two_files_is_refused(tmp_path):
    for name in ("a.hdf", "b.hdf"):
        write(tmp_path / name, [("c/t/1", np.zeros((2, 5)))])
    with pytest.raises(InputError, match=r"b\.hdf: segment c/t/1 occurs twice"):
        hdf.HdfReader(tmp_path / "a.hdf", tmp_path / "b.hdf")


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def drop_tags(path):
    with h5py.File(path, "a") as file:
        del file["seqTags"]


def shorten_lengths(path):
    with h5py.File(path, "a") as file:
        file["seqLengths"][0] = 1


def drop_a_length(path):
    with h5py.File(path, "a") as file:
        lengths = file["seqLengths"][:]
        del file["seqLengths"]
        file["seqLengths"] = lengths.sum(axis=0, keepdims=True)


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncate, drop_tags, shorten_lengths, drop_a_length, empty])
def test_a_damaged_file_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "dev.hdf"
    write(path, [("c/t/1", np.ones((4, 5))), ("c/t/2", np.ones((5, 5)))])
    damage(path)
    with pytest.raises(InputError, match=r"dev\.hdf: "):
        hdf.HdfReader(path)


def test_damaged_values_name_file_and_sequence(tmp_path):
    path = tmp_path / "dev.hdf"
    write(path, [("c/t/1", np.full((4, 5), 3.25))])
    content = bytearray(path.read_bytes())
    content[content.index(np.float32(3.25).tobytes()) + 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"dev\.hdf: the values of c/t/1 are damaged"):
        hdf.HdfReader(path)["c/t/1"]


def test_returnn_reads_features_and_targets(tmp_path):
    """Two feature files and sparse targets of some of their sequences, joined by RETURNN's MetaDataset."""
    from returnn.datasets import init_dataset

    features = dict(sequences(12, 2))
    tags = sorted(features)
    write(tmp_path / "1.hdf", [(tag, features[tag]) for tag in tags[:7]])
    write(tmp_path / "2.hdf", [(tag, features[tag]) for tag in tags[7:]])
    targets = {tag: np.arange(index, 2 * index + 1, dtype="int32") for index, tag in enumerate(tags[2:])}
    write(tmp_path / "targets.hdf", targets.items(), dim=78, sparse=True)
    dataset = init_dataset(
        {
            "class": "MetaDataset",
            "datasets": {
                "features": {"class": "HDFDataset", "files": [str(tmp_path / f"{n}.hdf") for n in (1, 2)]},
                "targets": {"class": "HDFDataset", "files": [str(tmp_path / "targets.hdf")]},
            },
            "data_map": {"data": ("features", "data"), "classes": ("targets", "data")},
            "seq_order_control_dataset": "targets",
        }
    )
    dataset.init_seq_order(epoch=1)
    dataset.load_seqs(0, len(targets))
    assert dataset.num_outputs == {"data": [5, 2], "classes": [78, 1]}
    for index in range(len(targets)):
        tag = dataset.get_tag(index)
        np.testing.assert_array_equal(dataset.get_data(index, "data"), features[tag])
        np.testing.assert_array_equal(dataset.get_data(index, "classes"), targets[tag])
    assert not dataset.is_less_than_num_seqs(len(targets))
