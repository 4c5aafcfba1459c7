"""One input times one weight on single pairs of cells (arXiv 2505.24721, Table 1)."""

from memristor_sim.table1 import measured_rows


def cell_transfer(num_cells: int, device_seed: int) -> list[dict[str, float | str]]:
    """Statistics of the product over many pairs of cells.

    :param num_cells: pairs per row, a multiple of 10,000
    :param device_seed: selects the cells
    :return: rows with operation ("input x weight"), mean, std, min and max
    """
    return [
        {
            "operation": row.operation,
            "mean": row.mean,
            "std": row.std,
            "min": row.least,
            "max": row.most,
        }
        for row in measured_rows(cells=num_cells, device_seed=device_seed)
    ]
