"""The products of single cells, beside table 1 of arXiv 2505.24721."""

import numpy as np

from memristor_sim.cells.synaptogen import Synaptogen
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells
from memristor_sim.components import PHYSICAL_NOISE, READ_RANGE_V, WRITE_V
from memristor_sim.hardware import Hardware
from memristor_sim.iv import noise_per_ampere, read_current
from memristor_sim.published import TABLE_1, Products
from memristor_sim.seeds import bit_stream

HALF_RESET_V = 0.9
"""Partial reset of a set cell to about half of the weight."""
GROUP = 10_000
"""Cells of the paper; extremes are means over groups of this size."""


def measured_rows(*, cells: int = 1_000_000, device_seed: int = 0, hardware: Hardware | None = None) -> list[Products]:
    """The five rows, from `cells` fresh pairs each, read with physical noise at the exact voltage (no DAC).

    :param cells: a multiple of 10,000.
    :param hardware: read noise and factor per ampere; those of `Hardware()` by default.
    """
    hardware = hardware or Hardware(read_noise=PHYSICAL_NOISE)
    return [
        _row(wanted.weight, wanted.x, cells, np.random.Generator(bit_stream(device_seed, "table1", i)), hardware)
        for i, wanted in enumerate(TABLE_1)
    ]


def _row(weight: float, x: float, cells: int, random: np.random.Generator, hardware: Hardware) -> Products:
    values = np.concatenate([_products(weight, x, random, hardware) for _ in range(cells // GROUP)])
    groups = values.reshape(-1, GROUP)
    return Products(
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
    parameters = Synaptogen().parameters
    current_a = np.zeros(GROUP)
    for sign, level in ((1, weight), (-1, 0)):
        cells = PulsedCells(parameters, GROUP, random)
        cells.apply(WRITE_V)
        if level:
            cells.apply(-WRITE_V)
        if level == 0.5:
            cells.apply(HALF_RESET_V)
        current = read_current(parameters, cells.state.double(), voltage_v).numpy()
        if hardware.read_noise is not None:
            variance = np.abs(current) * noise_per_ampere(np.array(voltage_v), hardware.read_noise)
            current = current + np.sqrt(variance) * random.standard_normal(GROUP)
        current_a = current_a + sign * current
    return hardware.output_per_ampere(READ_RANGE_V) * current_a


def text(rows: list[Products]) -> str:
    """Ours beside the paper's, and the factor per ampere that fits the paper's means."""
    lines = [
        "weight x input    paper: mean      std    min    max     ours: mean      std    min    max   std, ours/paper",
        *(_line(paper_row, row) for paper_row, row in zip(TABLE_1, rows, strict=True)),
        "",
        "ratios of means, ours against the paper's: "
        + ", ".join(
            f"row 1 / row {i + 1} {(rows[0].mean / rows[i].mean) / (TABLE_1[0].mean / TABLE_1[i].mean) - 1:+.2%}"
            for i in (1, 2, 4)
        ),
        _factor_line(rows),
    ]
    return "\n".join(lines)


def _line(paper_row: Products, row: Products) -> str:
    numbers = "    ".join(
        f"{one.mean:12.5f} {one.std:8.5f} {one.least:6.3f} {one.most:6.3f}" for one in (paper_row, row)
    )
    return f"{paper_row.weight:6g} x {paper_row.x:<6g} {numbers} {row.std / paper_row.std:12.3f}"


def _factor_line(rows: list[Products]) -> str:
    excess = np.mean([paper_row.mean / row.mean for paper_row, row in zip(TABLE_1[:3], rows[:3], strict=True)])
    return (
        f"The paper's first three means are {excess - 1:.2%} above what its own constants give: they fit a factor of "
        f"{8020 * excess:.0f} per ampere instead of 8020, which is kept here."
    )
