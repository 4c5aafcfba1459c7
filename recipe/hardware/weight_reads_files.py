"""The table of weight reads as csv and Markdown, and drawn."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from os import PathLike
from typing import TYPE_CHECKING

from memristor_sim.cost import Cost
from recipe.files import open_text
from recipe.hardware.weight_reads import WHOLE, ReadsRow

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_csv(path: str | PathLike, rows: Sequence[ReadsRow]) -> None:
    """A line per row."""
    with open_text(path, "wt") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(ReadsRow)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) | {"bytes_per_s": f"{row.bytes_per_s:.6g}"} for row in rows)


def write_markdown(path: str | PathLike, rows: Sequence[ReadsRow], costs: Mapping[str, Mapping[str, Cost]]) -> None:
    """A line per model and schedule, a column per buffer; then conversions of each model's parts in memory."""
    buffers = list(dict.fromkeys(row.buffer_mb for row in rows))
    lines = [
        "Weights read from off-chip memory, in kB per second of audio, by on-chip buffer:",
        "",
        "| model | weights read | chunk | " + " | ".join(f"{buffer:g} MB" for buffer in buffers) + " |",
        "|---|---|---|" + "---|" * len(buffers),
    ]
    lines += [
        f"| {cells[0].model}{', in memory' * cells[0].in_memory} | {cells[0].weights:,} | {chunk_name(cells[0])} | "
        + " | ".join(f"{row.bytes_per_s / 1000:,.0f}" for row in cells)
        + " |"
        for cells in (rows[first : first + len(buffers)] for first in range(0, len(rows), len(buffers)))
    ]
    lines += ["", "In memory:", "", "| model | part | weights | crossbars | DAC conversions/s | ADC conversions/s |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [
        f"| {model} | {part} | {cost.weights:,} | {cost.crossbars:,} | {cost.dac_conversions_per_s:,.0f} | "
        f"{cost.adc_conversions_per_s:,.0f} |"
        for model, by_part in costs.items()
        for part, cost in by_part.items()
    ]
    with open_text(path, "wt") as file:
        file.writelines(f"{line}\n" for line in lines)


def chunk_name(row: ReadsRow) -> str:
    """`4 frames`, `utterance`."""
    if row.chunk_frames == WHOLE:
        return "utterance"
    return f"{row.chunk_frames} frame{'' if row.chunk_frames == 1 else 's'}"


def figure(rows: Sequence[ReadsRow]) -> "Figure":
    """Bytes per second over the buffer, a panel per schedule and a line per digital model."""
    from matplotlib.figure import Figure

    digital = [row for row in rows if not row.in_memory]
    chunks = list(dict.fromkeys(row.chunk_frames for row in digital))
    drawn = Figure(figsize=(3 * len(chunks), 3.2), layout="constrained")
    panels = drawn.subplots(1, len(chunks), sharey=True, squeeze=False)[0]
    for panel, chunk in zip(panels, chunks, strict=True):
        shown = [row for row in digital if row.chunk_frames == chunk]
        for model in dict.fromkeys(row.model for row in shown):
            line = [(row.buffer_mb, row.bytes_per_s / 1000) for row in shown if row.model == model]
            panel.plot(*zip(*line, strict=True), marker="o", label=model)
        panel.set_title(chunk_name(shown[0]))
        panel.set_xlabel("on-chip buffer, MB")
        panel.set_yscale("symlog", linthresh=1)
    panels[0].set_ylabel("weights read, kB per s of audio")
    panels[-1].legend(fontsize="x-small")
    return drawn
