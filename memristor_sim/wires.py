"""Line resistance: how much of a cell's current reaches the end of its column, from the network of one whole array.

Every array has wires of its own. Row i is driven at column 0, through the driver and one segment; column j is sensed
below the last row, through one segment and the sense amplifier, which holds it at 0 V. Between neighbouring cells lies
one segment. Cells are taken as linear, with their conductance at LINEAR_V.
"""

import math

import torch

from memristor_sim.components import Wires

LINEAR_V = 0.3
"""Voltage at which cells are taken as linear: the middle of the read range."""
_MOST_TERMS = 6  # of a series; beyond, a factorisation takes less time


def transfer(conductance_s: torch.Tensor, wires: Wires) -> torch.Tensor:
    """Currents into the sense amplifiers [A] for 1 V at each driver alone, of arrays of linear cells.

    Rows are added one by one, from the far end of the columns. What is above a point of the columns is known by its
    admittance Y between columns and by the currents J that the drivers would push into grounded columns; a segment of
    resistance s in series makes both (1 + s Y)^-1 times themselves. That is close to 1 for wires that are worth
    building, so that a few terms of its series do, and float32 does too.

    :param conductance_s: [arrays, rows, columns], 0 or more.
    :return: [arrays, rows, columns], same dtype; without resistance `conductance_s` itself.
    """
    arrays, rows, columns = conductance_s.shape
    lines = _RowWires(conductance_s, wires)
    both = conductance_s.new_zeros(arrays, columns, columns + rows)  # Y, and a column of J for each driver
    for row in range(rows):
        own = lines.admittance(row)
        both[..., :columns] += own
        both[..., columns + row] = own.sum(-1)
        last = row == rows - 1
        in_series_ohm = wires.segment_ohm + wires.sense_ohm * last
        used = both[..., columns:] if last else both[..., : columns + row + 1]
        used.copy_(_behind(in_series_ohm, both[..., :columns], used))
    return both[..., columns:].transpose(1, 2)


def _behind(series_ohm: float, admittance: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """(1 + s Y)^-1 times what was seen before the resistance s: [arrays, columns, any]."""
    size = series_ohm * float(admittance.abs().sum(-1).max())
    terms = 0 if size == 0 else math.log(torch.finfo(seen.dtype).eps) / math.log(size) if size < 1 else math.inf
    if terms > _MOST_TERMS:
        whole = torch.eye(admittance.shape[-1], dtype=seen.dtype).add(admittance, alpha=series_ohm)
        return torch.cholesky_solve(seen, torch.linalg.cholesky(whole))
    result = seen
    for _ in range(math.ceil(terms)):
        result = torch.baddbmm(seen, admittance, result, alpha=-series_ohm)
    return result


class _RowWires:
    """Row wires with their cells, each by itself; the driver holds its end at 0 V and the columns are given."""

    def __init__(self, conductance_s: torch.Tensor, wires: Wires):
        cells, segment = conductance_s.double(), wires.segment_ohm
        columns = cells.shape[-1]
        towards_driver = torch.empty_like(cells)  # ohm, from a point of the wire with its cell
        ohm = torch.full_like(cells[..., 0], wires.driver_ohm + segment)
        for column in range(columns):
            towards_driver[..., column] = ohm / (1 + ohm * cells[..., column])
            ohm = towards_driver[..., column] + segment
        beyond, lost = torch.zeros_like(cells), torch.zeros_like(cells)
        for column in range(columns - 2, -1, -1):
            further = beyond[..., column + 1] + cells[..., column + 1]
            lost[..., column + 1] = torch.log1p(segment * further)
            beyond[..., column] = further / (1 + segment * further)
        dtype = conductance_s.dtype
        self._cells = conductance_s
        self._own_ohm = (towards_driver / (1 + towards_driver * beyond)).to(dtype)
        self._log_voltage = lost.cumsum(-1).neg_().to(dtype)  # of a point, if a current enters before it
        index = torch.arange(columns)
        self._nearer = torch.minimum(index[:, None], index)

    def admittance(self, row: int) -> torch.Tensor:
        """Between the columns, through the cells of one row: [arrays, columns, columns]."""
        cells, log_v = self._cells[:, row], self._log_voltage[:, row]
        ohm = (log_v[:, :, None] - log_v[:, None]).abs_().neg_().exp_().mul_(self._own_ohm[:, row][:, self._nearer])
        between = ohm.mul_(cells[:, :, None]).mul_(cells[:, None]).neg_()
        between.diagonal(dim1=-2, dim2=-1).add_(cells)
        return between
