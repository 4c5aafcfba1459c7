"""Slow, plain counterpart of memristor_sim.wires: Newton's method on all nodes of one array, with its non-linear cells.

Unknown are the voltages of both ends of each cell. Ordered by rows, the Jacobian is block tridiagonal: only column
wires connect neighbouring rows.
"""

import numpy as np

STEP_V = 1e-5


def column_currents(current, drivers_v, shape, wires, tolerance_v=1e-9):
    """Currents into the sense amplifiers.

    :param current: function of the voltages of all cells, [rows, columns] to [rows, columns], in ampere.
    :param drivers_v: [rows]. :param shape: rows, columns.
    :return: [columns].
    """
    rows, columns = shape
    low_ohm = 1e-9  # stands for no resistance
    between = 1 / max(wires.segment_ohm, low_ohm)
    driver = 1 / max(wires.segment_ohm + wires.driver_ohm, low_ohm)
    sense = 1 / max(wires.segment_ohm + wires.sense_ohm, low_ohm)
    row_v, column_v = np.repeat(np.asarray(drivers_v, float)[:, None], columns, 1), np.zeros(shape)
    for _ in range(50):
        cells = current(row_v - column_v)
        slope = (current(row_v - column_v + STEP_V) - current(row_v - column_v - STEP_V)) / (2 * STEP_V)
        # what flows out of each node
        out_row, out_column = cells.copy(), -cells
        out_row[:, 0] += driver * (row_v[:, 0] - drivers_v)
        along = between * np.diff(row_v, axis=1)
        out_row[:, :-1] -= along
        out_row[:, 1:] += along
        down = between * np.diff(column_v, axis=0)
        out_column[:-1] -= down
        out_column[1:] += down
        out_column[-1] += sense * column_v[-1]
        step = _solved(slope, np.concatenate([out_row, out_column], 1), between, driver, sense)
        row_v, column_v = row_v - step[:, :columns], column_v - step[:, columns:]
        if np.abs(step).max() < tolerance_v:
            return sense * column_v[-1]
    raise AssertionError("Newton's method did not converge")


def _solved(slope, out, between, driver, sense):
    """The step of Newton's method, by elimination of one row after the other; [rows, 2 * columns]."""
    rows, columns = slope.shape
    wire = between * (np.diag(np.r_[np.ones(columns - 1), 0]) + np.diag(np.r_[0, np.ones(columns - 1)]))
    wire -= between * (np.eye(columns, k=1) + np.eye(columns, k=-1))
    wire[0, 0] += driver
    link = np.diag(np.r_[np.zeros(columns), np.full(columns, between)])
    factors, values = [], []
    for row in range(rows):
        block = np.zeros((2 * columns, 2 * columns))
        cells = np.diag(slope[row])
        ends = between * ((row > 0) + (row < rows - 1)) + sense * (row == rows - 1)
        block[:columns, :columns], block[columns:, columns:] = wire + cells, cells + ends * np.eye(columns)
        block[:columns, columns:] = block[columns:, :columns] = -cells
        value = out[row]
        if row:
            eliminated = np.linalg.solve(factors[-1], np.concatenate([link, values[-1][:, None]], 1))
            block -= link @ eliminated[:, :-1]
            value = value + link @ eliminated[:, -1]
        factors.append(block)
        values.append(value)
    steps = [np.linalg.solve(factors[-1], values[-1])]
    for row in range(rows - 2, -1, -1):
        steps.append(np.linalg.solve(factors[row], values[row] + link @ steps[-1]))
    return np.stack(steps[::-1])
