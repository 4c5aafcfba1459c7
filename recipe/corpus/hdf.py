"""Sequences in HDF as RETURNN's HDFDataset reads them: features, label ids, log posteriors.

RETURNN's own SimpleHDFWriter appends one sequence a call; this one writes the same layout in blocks, in bounded memory,
and equal input gives equal bytes.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

_BLOCK_BYTES = 1 << 22


class HdfWriter:
    """Context manager that appends sequences of [T, dim] floats, or of [T] label ids below `dim` when `sparse`.

    The file appears under its name when the block ends without an error.
    """

    def __init__(self, path: str | Path, dim: int, sparse: bool = False):
        self._path = path
        self._dim = dim
        self._sparse = sparse

    def __enter__(self) -> "HdfWriter":
        import h5py

        from recipe.files import written_aside

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
        """Add one sequence; its shape and dtype kind must fit."""
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

    def __exit__(self, kind, error, trace):
        import h5py

        try:
            if error is None:
                self._flush()
                lengths = np.array(self._lengths, dtype="int32")
                # A second column for a target that is never read: RETURNN counts one even where there is none.
                columns = np.stack([lengths, np.zeros_like(lengths)], axis=1)
                checked = {"fletcher32": True, "track_times": False} if lengths.size else {"track_times": False}
                self._file.create_dataset("seqLengths", data=columns, **checked)
                tags = np.array(self._tags, dtype=object)
                self._file.create_dataset("seqTags", data=tags, dtype=h5py.string_dtype(), track_times=False)
                self._file.create_dataset("labels", (0,), dtype="S5", track_times=False)
                self._file.attrs["numTimesteps"] = len(self._inputs)
                self._file.attrs["numSeqs"] = len(self._tags)
                self._file.attrs["inputPattSize"] = self._file.attrs["numLabels"] = self._dim
                self._file.attrs["numDims"] = 1
        finally:
            self._file.close()
            self._aside.__exit__(kind, error, trace)


def read_hdf(path: str | Path) -> Iterator[tuple[str, np.ndarray]]:
    """(tag, [T, dim] or [T]) of every sequence in file order; holds one sequence in memory."""
    import h5py

    with h5py.File(path, "r") as file:
        position = 0
        inputs = file["inputs"]
        for tag, length in zip(file["seqTags"].asstr()[:], file["seqLengths"][:, 0], strict=True):
            yield tag, inputs[position : position + length]
            position += int(length)
