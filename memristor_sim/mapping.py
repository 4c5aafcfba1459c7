"""How an integer matrix is laid out on crossbars: polarities, digit planes, tiles."""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from functools import cached_property
from hashlib import sha256

import numpy as np

from memristor_sim.cells.cell import Cell
from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.coding import Coding, Positional
from memristor_sim.errors import MemristorError
from memristor_sim.hardware import Hardware


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """`groups` matrices of `rows` inputs and `columns` outputs, each on its own arrays.

    A state_dict can be loaded if and only if the mapping is the same.
    """

    kind: str
    """Name of the crossbar class."""
    groups: int
    rows: int
    columns: int
    planes: int
    """Digit planes."""
    levels: int
    """Conductance levels of a cell: the base of the digits."""
    tile_rows: int
    tile_columns: int
    cell: str = ""
    """Name of the cell technology; empty for Synaptogen."""
    coding: Coding = Positional()
    """How weights become digits."""
    wires: str = ""
    """Resistances of the lines in ohm: segment, driver and sense amplifier; empty without them."""
    aged: str = ""
    """Time from writing to reading, and a digest of the drift; empty for none."""

    def text(self) -> str:
        """The fields as `name=value`, as a state_dict stores them, without an empty cell or the default coding."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return " ".join(f"{name}={value}" for name, value in values.items() if value not in ("", Positional()))

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the states of one polarity: planes, groups, rows, columns."""
        return self.planes, self.groups, self.rows, self.columns

    @cached_property
    def plane_weights(self) -> list[float]:
        """Factor of each plane in the digital sum; of place values, the most significant first."""
        return self.coding.plane_weights(self.planes, self.levels)

    def row_slices(self) -> list[slice]:
        """Rows of each tile."""
        return slices(self.rows, self.tile_rows)

    def column_slices(self) -> list[slice]:
        """Columns of each tile."""
        return slices(self.columns, self.tile_columns)

    def arrays(self) -> Iterator[tuple[tuple[str | int, ...], int, tuple[int, int, slice, slice]]]:
        """Every cell array: its name (polarity, plane, group, tile), its polarity (0: +, 1: -) and its index."""
        for group in range(self.groups):
            for i, rows in enumerate(self.row_slices()):
                for j, columns in enumerate(self.column_slices()):
                    for plane in range(self.planes):
                        for polarity, sign in enumerate("+-"):
                            yield (sign, plane, group, i, j), polarity, (plane, group, rows, columns)


def mapping_of(kind: str, shape: tuple[int, int, int], weight_bits: int, hardware: Hardware) -> Mapping:
    """The mapping of one matrix.

    :param kind: name of the crossbar class.
    :param shape: groups, rows (inputs of a group), columns (outputs of a group).
    """
    groups, rows, columns = shape
    return Mapping(
        kind=kind,
        groups=groups,
        rows=rows,
        columns=columns,
        planes=hardware.planes(weight_bits),
        levels=hardware.levels,
        tile_rows=hardware.tile_rows,
        tile_columns=hardware.tile_columns,
        cell=cell_name(hardware.cell),
        coding=hardware.coding,
        wires="" if hardware.wires is None else ",".join(f"{ohm:g}" for ohm in astuple(hardware.wires)),
        aged="" if not hardware.age_s else f"{hardware.age_s:.10g}s.{_digest(hardware.drift)}",
    )


def cell_name(cell: Cell) -> str:
    """Class and a digest of the fields, as in `MeasuredLevels.1c0e93ab`; empty for Synaptogen."""
    return "" if cell == Synaptogen() else f"{type(cell).__name__}.{_digest(cell)}"


def _digest(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()[:8]


def digits(magnitude: np.ndarray, mapping: Mapping) -> np.ndarray:
    """Non-negative integers [...] to their digits [planes, ...], uint8; every copy has the same."""
    count = mapping.planes // mapping.coding.copies
    one_copy = [mapping.coding.digit(magnitude, index, count, mapping.levels) for index in range(count)]
    return np.stack(one_copy * mapping.coding.copies)


def check_weight(weight: np.ndarray, weight_bits: int, layer: str) -> None:
    """:raises MemristorError: the weight has no integers, or some outside the symmetric range of the bits."""
    limit = 2 ** (weight_bits - 1) - 1
    if not np.issubdtype(weight.dtype, np.integer):
        raise MemristorError(f"integer_weight() of layer {layer!r} gives {weight.dtype}, not integers: round it.")
    largest = int(np.abs(weight.astype(np.int64)).max(initial=0))
    if largest > limit:
        raise MemristorError(
            f"Layer {layer!r} has an integer weight of magnitude {largest}, but {weight_bits} symmetric bits reach "
            f"only +-{limit}: quantise it symmetrically."
        )


def slices(size: int, step: int) -> list[slice]:
    """Consecutive slices of `step`, the last one shorter."""
    return [slice(start, min(start + step, size)) for start in range(0, size, step)]
