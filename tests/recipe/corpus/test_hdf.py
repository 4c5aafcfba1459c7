import numpy as np
import pytest

from recipe.corpus import hdf


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
    read = list(hdf.read_hdf(tmp_path / "a.hdf"))
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
