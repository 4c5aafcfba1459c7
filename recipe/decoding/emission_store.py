"""Reading stored log posteriors by segment name, from one or more HDF files as RETURNN writes them."""

from collections.abc import Iterable

import h5py
import numpy as np

from recipe.errors import InputError


class EmissionStore:
    """Log posteriors [T, V] by segment name.

    A file holds `inputs` [sum of T, V], `seqLengths` [N] or [N, 1 and more] and `seqTags` [N].

    :raises InputError: when a file is no such HDF, or a segment lies in two of them.
    """

    def __init__(self, paths: Iterable[str]):
        self._files, self._where = [], {}
        for path in paths:
            file = open_hdf(path)
            self._files.append(file)
            start = 0
            for name, length in tags_and_lengths(path, file):
                if name in self._where:
                    raise InputError(f"{path}: segment {name} occurs twice among the emissions; give each file once")
                self._where[name] = (file, start, length)
                start += length
            if start != len(file["inputs"]):
                raise InputError(f"{path}: {len(file['inputs'])} frames but lengths of {start} in sum; write it again")

    def require(self, names: Iterable[str]):
        """:raises InputError: naming one segment of which there are no log posteriors."""
        missing = [name for name in names if name not in self._where]
        if missing:
            files = ", ".join(file.filename for file in self._files)
            raise InputError(f"{files}: no log posteriors of {missing[0]} ({len(missing)} missing); forward it")

    def __getitem__(self, name: str) -> np.ndarray:
        """float32 [T, V]. :raises InputError: when a value is not finite."""
        file, start, length = self._where[name]
        try:
            frames = np.asarray(file["inputs"][start : start + length], dtype=np.float32)
        except OSError as error:
            raise InputError(f"{file.filename}: log posteriors of {name} are damaged ({error}); forward it") from None
        if not np.isfinite(frames).all():
            raise InputError(f"{file.filename}: log posteriors of {name} are not all finite; check the model")
        return frames

    def close(self):
        for file in self._files:
            file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()


def open_hdf(path: str) -> h5py.File:
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise InputError(f"{path}: not a whole HDF file ({error}); write it again") from None
    absent = [name for name in ("inputs", "seqLengths", "seqTags") if name not in file]
    if absent:
        raise InputError(f"{path}: no dataset {absent[0]}; give an HDF file as RETURNN's forward task writes it")
    return file


def tags_and_lengths(path: str, file: h5py.File) -> list[tuple[str, int]]:
    try:
        tags = [tag.decode("utf-8") if isinstance(tag, bytes) else tag for tag in file["seqTags"][:]]
        lengths = np.asarray(file["seqLengths"])
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: a damaged HDF file ({error}); write it again") from None
    lengths = (lengths if lengths.ndim == 1 else lengths[:, 0]).tolist()
    if len(tags) != len(lengths):
        raise InputError(f"{path}: {len(tags)} segment names but {len(lengths)} lengths; write it again")
    return list(zip(tags, lengths, strict=True))
