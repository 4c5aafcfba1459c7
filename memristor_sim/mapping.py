"""How an integer matrix is laid out on crossbars: polarities, digit planes, tiles."""

from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from hashlib import sha256

import numpy as np

from memristor_sim.cells.cell import Cell
from memristor_sim.cells.synaptogen import Synaptogen
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
    wires: str = ""
    """Resistances of the lines in ohm: segment, driver and sense amplifier; empty without them."""

    def text(self) -> str:
        """The fields that are not empty as `name=value`, as a state_dict stores them."""
        return " ".join(f"{key}={value}" for key, value in asdict(self).items() if value != "")

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Of the states of one polarity: planes, groups, rows, columns."""
        return self.planes, self.groups, self.rows, self.columns

    @property
    def plane_weights(self) -> list[int]:
        """Place value of each plane, most significant first."""
        return [self.levels**place for place in reversed(range(self.planes))]

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
        wires="" if hardware.wires is None else ",".join(f"{ohm:g}" for ohm in astuple(hardware.wires)),
    )


def cell_name(cell: Cell) -> str:
    """Class and a digest of the fields, as in `MeasuredLevels.1c0e93ab`; empty for Synaptogen."""
    digest = sha256(repr(cell).encode()).hexdigest()[:8]
    return "" if cell == Synaptogen() else f"{type(cell).__name__}.{digest}"


def digits(magnitude: np.ndarray, mapping: Mapping) -> np.ndarray:
    """Non-negative integers [...] to their digits [planes, ...], uint8, most significant first."""
    base_bits = mapping.levels.bit_length() - 1
    places = range(mapping.planes - 1, -1, -1)
    return np.stack([(magnitude >> base_bits * place & (mapping.levels - 1)).astype(np.uint8) for place in places])


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
