import h5py
import numpy as np
import pytest

from recipe.corpus.hdf import HdfWriter
from recipe.decoding.emission_store import EmissionStore
from recipe.errors import InputError


def write(path, sequences: dict[str, np.ndarray]) -> str:
    with HdfWriter(path, 3) as file:
        for name, frames in sequences.items():
            file.append(name, frames)
    return str(path)


def frames(length: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(length, 3)).astype(np.float32)


def test_each_segment_comes_back_from_whichever_file_holds_it(tmp_path):
    sequences = {f"c/t/{n}": frames(length, n) for n, length in enumerate((4, 0, 7, 1, 5))}
    names = list(sequences)
    one = write(tmp_path / "one.hdf", {name: sequences[name] for name in names[:3]})
    two = write(tmp_path / "two.hdf", {name: sequences[name] for name in names[3:]})
    with EmissionStore([one, two]) as store:
        for name in reversed(names):
            np.testing.assert_array_equal(store[name], sequences[name])


def test_a_missing_segment_is_named_before_any_search(tmp_path):
    with EmissionStore([write(tmp_path / "dev.hdf", {"c/t/1": frames(2, 0)})]) as store:
        store.require(["c/t/1"])
        with pytest.raises(InputError, match=r"dev\.hdf: no log posteriors of c/t/2 \(2 missing\)"):
            store.require(["c/t/1", "c/t/2", "c/t/3"])


def test_a_segment_in_two_files_is_refused(tmp_path):
    paths = [write(tmp_path / name, {"c/t/1": frames(2, 0)}) for name in ("a.hdf", "b.hdf")]
    with pytest.raises(InputError, match=r"b\.hdf: segment c/t/1 occurs twice"):
        EmissionStore(paths)


def test_values_that_are_not_finite_name_file_and_segment(tmp_path):
    broken = frames(3, 0)
    broken[1, 2] = np.nan
    with EmissionStore([write(tmp_path / "dev.hdf", {"c/t/1": frames(3, 1), "c/t/2": broken})]) as store:
        assert store["c/t/1"].shape == (3, 3)
        with pytest.raises(InputError, match=r"dev\.hdf: log posteriors of c/t/2 are not all finite"):
            store["c/t/2"]


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def drop_tags(path):
    with h5py.File(path, "a") as file:
        del file["seqTags"]


def shorten_lengths(path):
    with h5py.File(path, "a") as file:
        file["seqLengths"][0] = 1


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [truncate, drop_tags, shorten_lengths, empty])
def test_a_damaged_file_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "dev.hdf"
    write(path, {"c/t/1": frames(4, 0), "c/t/2": frames(5, 1)})
    damage(path)
    with pytest.raises(InputError, match=r"dev\.hdf: "):
        EmissionStore([str(path)])
