import pytest

from recipe.hardware.transfer import cell_transfer


def test_cells_multiply_as_published():
    # Mean and standard deviation over 10,000 cells in the paper's table 1.
    published = {"1.0 x 1": (1.016, 0.063), "0.1 x 1": (0.0989, 0.0062), "0.01 x 1": (0.00985, 0.00069)}
    rows = {row.pop("operation"): row for row in cell_transfer(10_000, device_seed=0)}
    for operation, (mean, std) in published.items():
        assert rows[operation]["mean"] == pytest.approx(mean, rel=0.01)
        assert rows[operation]["std"] == pytest.approx(std, rel=0.12)
    assert rows["1.0 x 0"]["mean"] == pytest.approx(0.0, abs=0.003)
    assert rows["1.0 x 0"]["std"] == pytest.approx(0.0475, rel=0.12)


def test_a_device_seed_is_one_device():
    assert cell_transfer(10_000, 3) == cell_transfer(10_000, 3) != cell_transfer(10_000, 4)
