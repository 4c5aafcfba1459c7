"""What single memristor pairs make of one input times one weight (paper table 1)."""

from memristor_sim.table1 import measured_rows


def cell_transfer(num_cells: int, device_seed: int) -> list[dict[str, float | str]]:
    """Rows operation ("input x weight"), mean, std, min, max over `num_cells` pairs each, a multiple of 10,000."""
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
