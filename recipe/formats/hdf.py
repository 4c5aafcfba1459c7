"""Sequences in HDF as RETURNN's HDFDataset reads them: features, label ids, log posteriors.

RETURNN's own SimpleHDFWriter appends one sequence per call; the writer here makes the same layout in blocks, in bounded
memory, and equal input gives equal bytes. A file holds `inputs` [sum of T, ...], `seqLengths` [N] or [N, 1 or more] and
`seqTags` [N].
"""

from collections.abc import Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from recipe.errors import InputError
from recipe.files import written_aside

if TYPE_CHECKING:
    import h5py

_BLOCK_BYTES = 1 << 22


class HdfWriter:
    """Context manager that appends sequences of [T, dim] floats, or of [T] label ids below `dim` when `sparse`.

    The file appears under its name when the block ends without an error.
    """

    def __init__(self, path: str | PathLike, dim: int, sparse: bool = False):
        self._path = path
        self._dim = dim
        self._sparse = sparse

    def __enter__(self) -> "HdfWriter":
        import h5py

        self._aside = written_aside(self._path)
        self._file = h5py.File(self._aside.__enter__(), "w")
        shape, dtype = ((), "int32") if self._sparse else ((self._dim,), "float32")
        rows = _BLOCK_BYTES // 4 // max(1, *shape, 1) // 8
        self._inputs = self._file.create_dataset(
            "inputs",
            (0, *shape),
            dtype,
            maxshape=(None, *shape),
            chunks=(rows, *shape),
            fletcher32=True,  # damage is then an error when read, also within RETURNN
            track_times=False,
        )
        self._blocks: list[np.ndarray] = []
        self._buffered = 0
        self._lengths: list[int] = []
        self._tags: list[str] = []
        return self

    def append(self, tag: str, sequence: np.ndarray) -> None:
        """Add one sequence.

        :raises ValueError: when its shape is not that of the file
        """
        sequence = np.asarray(sequence, dtype=self._inputs.dtype)
        if sequence.shape[1:] != self._inputs.shape[1:] or sequence.ndim != self._inputs.ndim:
            raise ValueError(f"{tag}: shape {sequence.shape} does not fit {self._inputs.shape}")
        self._lengths.append(len(sequence))
        self._tags.append(tag)
        self._blocks.append(sequence)
        self._buffered += sequence.nbytes
        if self._buffered >= _BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._blocks:
            block = np.concatenate(self._blocks)
            position = len(self._inputs)
            self._inputs.resize(position + len(block), axis=0)
            self._inputs[position:] = block
        self._blocks, self._buffered = [], 0

    def __exit__(self, kind, error, trace) -> None:
        try:
            if error is None:
                self._flush()
                self._write_index()
        finally:
            self._file.close()
            self._aside.__exit__(kind, error, trace)

    def _write_index(self) -> None:
        """Lengths, tags, and what else RETURNN asks for."""
        import h5py

        lengths = np.array(self._lengths, dtype="int32")
        # A second column for a target that is never read: RETURNN counts one even where there is none.
        columns = np.stack([lengths, np.zeros_like(lengths)], axis=1)
        # An empty dataset cannot carry a checksum.
        checked = {"fletcher32": True} if lengths.size else {}
        self._file.create_dataset("seqLengths", data=columns, track_times=False, **checked)
        tags = np.array(self._tags, dtype=object)
        self._file.create_dataset("seqTags", data=tags, dtype=h5py.string_dtype(), track_times=False)
        self._file.create_dataset("labels", (0,), dtype="S5", track_times=False)
        self._file.attrs["numTimesteps"] = len(self._inputs)
        self._file.attrs["numSeqs"] = len(self._tags)
        self._file.attrs["inputPattSize"] = self._file.attrs["numLabels"] = self._dim
        self._file.attrs["numDims"] = 1


class HdfReader(Mapping[str, np.ndarray]):
    """The sequences of one or more files by tag, [T, dim] or [T], in the order of the files.

    Tags and lengths are read and checked when the files are opened; values when they are asked for, one sequence at a
    time. A context manager that closes the files.

    :raises InputError: when a file is damaged or incomplete, or a tag occurs twice
    """

    def __init__(self, *paths: str | PathLike):
        self._files: list[h5py.File] = []
        self._places: dict[str, tuple[h5py.File, int, int]] = {}  # file, first and last row but one
        for path in paths:
            self._add(path)

    def _add(self, path: str | PathLike) -> None:
        file, tags, lengths = _opened(path)
        self._files.append(file)
        end = 0
        for tag, length in zip(tags, lengths, strict=True):
            if tag in self._places:
                raise InputError(f"{path}: segment {tag} occurs twice; give each file once")
            begin, end = end, end + length
            self._places[tag] = file, begin, end

    def __getitem__(self, tag: str) -> np.ndarray:
        file, begin, end = self._places[tag]
        try:
            return file["inputs"][begin:end]
        except OSError as error:
            raise InputError(
                f"{file.filename}: the values of {tag} are damaged ({error}); run the job that writes it again"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    @property
    def filenames(self) -> str:
        """All files, for messages."""
        return ", ".join(file.filename for file in self._files)

    def filename(self, tag: str) -> str:
        """The file that holds a sequence."""
        return self._places[tag][0].filename

    def close(self) -> None:
        """Close the files; no sequence can be read after that."""
        for file in self._files:
            file.close()

    def __enter__(self) -> "HdfReader":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _opened(path: str | PathLike) -> tuple["h5py.File", list[str], list[int]]:
    """The file, its tags and their lengths, all of which fit together."""
    import h5py

    try:
        file = h5py.File(path, "r")
        tags, lengths = file["seqTags"].asstr()[:].tolist(), file["seqLengths"][:]
        lengths = (lengths if lengths.ndim == 1 else lengths[:, 0]).tolist()
        frames = len(file["inputs"])
    except (OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{path}: not a whole HDF file as RETURNN reads it ({error}); run the job that writes it again"
        ) from None
    if len(tags) != len(lengths) or sum(lengths) != frames:
        raise InputError(
            f"{path}: {len(tags)} tags, {len(lengths)} lengths that add up to {sum(lengths)}, and {frames} frames do "
            "not belong together; run the job that writes it again"
        )
    return file, tags, lengths


def read_tags(*paths: str | PathLike) -> list[str]:
    """The tags of all sequences, in the order of the files. :raises InputError: as HdfReader"""
    with HdfReader(*paths) as file:
        return list(file)
