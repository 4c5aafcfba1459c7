"""The products of single cells, beside table 1 of arXiv 2505.24721."""

from dataclasses import dataclass

import numpy as np

from memristor_sim.cells.synaptogen.pulsed_cells import Cells
from memristor_sim.hardware import PHYSICAL_NOISE, READ_RANGE_V, WRITE_V, Hardware
from memristor_sim.iv import noise_per_ampere, read_current
from memristor_sim.seeds import bit_stream

HALF_RESET_V = 0.9
GROUP = 10_000  # cells of the paper; extremes are means over groups of so many


@dataclass(frozen=True, kw_only=True)
class Row:
    """Statistics of weight times input, in units of one weight step times full scale."""

    weight: float
    x: float
    mean: float
    std: float
    least: float
    most: float


# The sign of the smallest 1.0 x 0 is lost in the text of the paper.
PAPER_ROWS = (
    Row(weight=1, x=1.0, mean=1.016, std=0.063, least=0.707, most=1.27),
    Row(weight=1, x=0.1, mean=0.0989, std=0.0062, least=0.0688, most=0.124),
    Row(weight=1, x=0.01, mean=0.00985, std=0.00069, least=0.00721, most=0.0120),
    Row(weight=0, x=1.0, mean=0.000852, std=0.0475, least=-0.2751, most=0.2455),
    Row(weight=0.5, x=1.0, mean=0.476, std=0.094, least=0.109, most=1.06),
)


def measured_rows(*, cells: int = 1_000_000, device_seed: int = 0, hardware: Hardware | None = None) -> list[Row]:
    """The five rows, from `cells` fresh pairs each, read with physical noise at the exact voltage (no DAC).

    :param cells: a multiple of 10,000.
    """
    hardware = hardware or Hardware(read_noise=PHYSICAL_NOISE)
    return [
        _row(wanted.weight, wanted.x, cells, np.random.Generator(bit_stream(device_seed, "table1", i)), hardware)
        for i, wanted in enumerate(PAPER_ROWS)
    ]


def _row(weight: float, x: float, cells: int, random: np.random.Generator, hardware: Hardware) -> Row:
    values = np.concatenate([_products(weight, x, random, hardware) for _ in range(cells // GROUP)])
    groups = values.reshape(-1, GROUP)
    return Row(
        weight=weight,
        x=x,
        mean=float(values.mean()),
        std=float(values.std()),
        least=float(groups.min(1).mean()),
        most=float(groups.max(1).mean()),
    )


def _products(weight: float, x: float, random: np.random.Generator, hardware: Hardware) -> np.ndarray:
    """One group of cells that hold the weight, each paired with one that holds 0."""
    voltage_v = x * READ_RANGE_V
    current_a = 0.0
    for sign, level in ((1, weight), (-1, 0)):
        cells = Cells(GROUP, random)
        cells.apply(WRITE_V)
        if level:
            cells.apply(-WRITE_V)
        if level == 0.5:
            cells.apply(HALF_RESET_V)
        current = read_current(cells.state.double(), voltage_v).numpy()
        if hardware.read_noise is not None:
            variance = np.abs(current) * noise_per_ampere(np.array(voltage_v), hardware.read_noise)
            current = current + np.sqrt(variance) * random.standard_normal(GROUP)
        current_a = current_a + sign * current
    return hardware.value_per_ampere * current_a


def text(rows: list[Row]) -> str:
    """Ours beside the paper's, and the effective factor that the paper's means point at."""
    lines = [
        "weight x input    paper: mean      std    min    max     ours: mean      std    min    max   std, ours/paper",
        *(_line(paper_row, row) for paper_row, row in zip(PAPER_ROWS, rows, strict=True)),
        "",
        "ratios of means, ours against the paper's: "
        + ", ".join(
            f"row 1 / row {i + 1} {(rows[0].mean / rows[i].mean) / (PAPER_ROWS[0].mean / PAPER_ROWS[i].mean) - 1:+.2%}"
            for i in (1, 2, 4)
        ),
        _factor_line(rows),
    ]
    return "\n".join(lines)


def _line(paper_row: Row, row: Row) -> str:
    numbers = "    ".join(
        f"{one.mean:12.5f} {one.std:8.5f} {one.least:6.3f} {one.most:6.3f}" for one in (paper_row, row)
    )
    return f"{paper_row.weight:6g} x {paper_row.x:<6g} {numbers} {row.std / paper_row.std:12.3f}"


def _factor_line(rows: list[Row]) -> str:
    excess = np.mean([paper_row.mean / row.mean for paper_row, row in zip(PAPER_ROWS[:3], rows[:3], strict=True)])
    return (
        f"The paper's first three means are {excess - 1:.2%} above what its own constants give: they fit a factor of "
        f"{8020 * excess:.0f} per ampere instead of 8020, which is kept here."
    )
