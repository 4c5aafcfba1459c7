"""Pictures of the behaviour of simulated cells and crossbars. Needs matplotlib."""

import dataclasses
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from torch import nn  # noqa: E402

from memristor_sim.cells.synaptogen import Synaptogen  # noqa: E402
from memristor_sim.cells.synaptogen.pulse_schedules import write  # noqa: E402
from memristor_sim.cells.synaptogen.pulsed_cells import PulsedCells  # noqa: E402
from memristor_sim.clipping import recorded_clipping  # noqa: E402
from memristor_sim.components import PAPER_NOISE, PHYSICAL_NOISE, READ_RANGE_V, WRITE_V, Adc, Cycles, Wires  # noqa: E402
from memristor_sim.conversion import program  # noqa: E402
from memristor_sim.hardware import Hardware, physical  # noqa: E402
from memristor_sim.iv import cell_current, read_current  # noqa: E402
from memristor_sim.seeds import bit_stream  # noqa: E402
from memristor_sim.table1 import HALF_RESET_V  # noqa: E402
from memristor_sim.wires import LINEAR_V  # noqa: E402
from memristor_sim.wires import transfer as transfer_of_lines  # noqa: E402

CELL = Synaptogen()

_STYLE: Any = {
    "axes.grid": True,
    "grid.alpha": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 130,
    "legend.frameon": False,
}


def draw_all(out: Path, *, device_seed: int = 0) -> list[Path]:
    """Draw every picture into the folder `out`, as PNG.

    :return: the files.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    with plt.rc_context(_STYLE):
        for draw in (iv_loops, states, transfer, tiles_and_adc, line_resistance):
            figure = draw(device_seed)
            paths.append(out / f"{draw.__name__}.png")
            figure.savefig(paths[-1], metadata={"Software": None})
            plt.close(figure)
    return paths


def _random(device_seed: int, *name: Any) -> np.random.Generator:
    return np.random.Generator(bit_stream(device_seed, "characterise", *name))


def iv_loops(device_seed: int) -> Figure:
    """Current against voltage of a few cells over some cycles of a triangular sweep."""
    count, cycles, points = 6, 12, 121
    cells = PulsedCells(CELL.parameters, count, _random(device_seed, "loops"))
    ramp = np.linspace(0, 1.5, points)
    sweep = np.concatenate([-ramp, -ramp[::-1], ramp, ramp[::-1]])
    currents = np.empty((cycles, len(sweep), count))
    for cycle in range(cycles):
        for i, voltage_v in enumerate(sweep):
            cells.apply(float(voltage_v))
            currents[cycle, i] = cell_current(CELL, cells.state, float(voltage_v)).numpy() * 1e6
    figure, axes = plt.subplots(2, 3, figsize=(10, 6), sharex=True, sharey=True)
    for index, axis in enumerate(axes.flat):
        for cycle in range(cycles):
            axis.plot(sweep, currents[cycle, :, index], lw=0.8, color=plt.get_cmap("viridis")(cycle / (cycles - 1)))
        axis.set_title(f"cell {index + 1}", fontsize=10)
        axis.axvspan(-READ_RANGE_V, READ_RANGE_V, color="0.5", alpha=0.12, lw=0)
    axes[1, 1].set_xlabel("voltage [V]")
    figure.supylabel("current [µA]", fontsize=10)
    colours = plt.cm.ScalarMappable(plt.Normalize(1, cycles), "viridis")
    figure.colorbar(colours, ax=axes, label="cycle", shrink=0.7)
    figure.suptitle("I-V loops: cells differ, and so do their cycles (grey: the range of reads)", fontsize=11)
    return figure


def states(device_seed: int) -> Figure:
    """Histograms of the state after writing: two levels for several histories, and four levels."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    bins = np.linspace(-0.1, 1.0, 221)
    for cycles, style in ((0, "-"), (8, "--"), (80, ":")):
        for target, colour, name in ((1, "tab:blue", "set"), (0, "tab:red", "reset")):
            cells = PulsedCells(CELL.parameters, 100_000, _random(device_seed, "states", cycles), cycles=cycles)
            write(cells, torch.full_like(cells.state, target, dtype=torch.uint8), 2)
            label = f"{name}, {cycles} cycles before"
            _histogram(left, cells.state, bins, color=colour, ls=style, label=label)
    left.set_title("two levels, by history", fontsize=11)
    for level in range(4):
        cells = PulsedCells(CELL.parameters, 100_000, _random(device_seed, "levels", level), cycles=8)
        write(cells, torch.full_like(cells.state, level, dtype=torch.uint8), 4)
        _histogram(right, cells.state, bins, color=plt.get_cmap("plasma")(level / 4), label=f"level {level}")
        right.axvline(CELL.level_states(4)[level], color=plt.get_cmap("plasma")(level / 4), lw=0.7, ls=":")
    right.set_title("four levels, by partial reset (dotted: aims)", fontsize=11)
    for axis in (left, right):
        axis.set_xlabel("state r   (0: low, 1: high resistance)")
        axis.set_ylabel("density")
        axis.legend(fontsize=8)
    return figure


def _histogram(axis: Any, values: torch.Tensor, bins: np.ndarray, **style: Any) -> None:
    density, _ = np.histogram(values.numpy(), bins=bins, density=True)
    axis.plot((bins[1:] + bins[:-1]) / 2, density, lw=1.4, **style)


def transfer(device_seed: int) -> Figure:
    """Product of a weight and an input against the input, mean and spread over pairs of cells."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    x = torch.linspace(-1, 1, 81)
    for weight, colour in ((1.0, "tab:blue"), (0.5, "tab:green"), (0.0, "tab:gray"), (-1.0, "tab:red")):
        plus, minus = (_pair_member(device_seed, max(sign * weight, 0.0), sign) for sign in (1, -1))
        currents = [read_current(CELL, states[:, None], x * READ_RANGE_V) for states in (plus, minus)]
        values = CELL.value_per_ampere(READ_RANGE_V) * (currents[0] - currents[1])
        mean, std = values.mean(0), values.std(0)
        left.plot(x, mean, color=colour, label=f"weight {weight:g}")
        left.fill_between(x, mean - std, mean + std, color=colour, alpha=0.25, lw=0)
        if weight == 1:
            right.plot(x, mean - x, color=colour, label="mean - ideal")
            right.plot(x, std, color="tab:orange", label="standard deviation over pairs")
    left.plot(x, x, "k:", lw=0.8, label="ideal, weight 1")
    left.set(xlabel="input x (1 drives 0.6 V)", ylabel="product", title="transfer (band: one standard deviation)")
    right.set(xlabel="input x", ylabel="product", title="weight 1: gain falls at negative voltages")
    for axis in (left, right):
        axis.title.set_fontsize(11)
        axis.legend(fontsize=8)
    return figure


def _pair_member(device_seed: int, weight: float, sign: int) -> torch.Tensor:
    cells = PulsedCells(CELL.parameters, 20_000, _random(device_seed, "transfer", weight, sign), cycles=8)
    cells.apply(WRITE_V)
    if weight:
        cells.apply(-WRITE_V)
    if weight == 0.5:
        cells.apply(HALF_RESET_V)
    return cells.state


def tiles_and_adc(device_seed: int) -> Figure:
    """Error of a random linear layer against the height of its tiles and the range of its ADC at 8 bits."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    heights = (16, 32, 64, 128, 256, 512)
    for label, noise in (
        ("no read noise", None),
        ("physical read noise", PHYSICAL_NOISE),
        ("read noise as published", PAPER_NOISE),
    ):
        errors = [_layer_error(device_seed, physical(tile_rows=rows, read_noise=noise))[0] for rows in heights]
        left.plot(heights, errors, marker="o", ms=4, label=label, ls="--" if noise is PHYSICAL_NOISE else "-")
    fine = physical(adc=Adc(precision_bits=12, range_bits=10), read_noise=None)
    left.axhline(_layer_error(device_seed, fine)[0], color="k", ls=":", lw=0.8, label="states alone (fine ADC)")
    left.set_xscale("log", base=2)
    left.set_xticks(heights, [str(height) for height in heights])
    left.set(xlabel="rows of a tile", ylabel="error / output (rms)", title="tile size, ADC of 4 + 4 bits")
    ranges = range(0, 8)
    results = [
        _layer_error(device_seed, physical(adc=Adc(precision_bits=8 - bits, range_bits=bits))) for bits in ranges
    ]
    labels = [f"±{2.0 ** (bits - 1):g}" for bits in ranges]
    right.plot(
        labels, [error for error, _ in results], marker="o", ms=4, color="tab:blue", label="error / output (rms)"
    )
    clipped = right.twinx()
    clipped.grid(False)
    clipped.spines["right"].set_visible(True)
    clipped.plot(labels, [100 * rate for _, rate in results], marker="s", ms=4, color="tab:red", label="clipped")
    clipped.set_ylim(bottom=0)
    clipped.set_ylabel("clipped conversions [%]", color="tab:red")
    right.set(xlabel="range of an 8-bit ADC", ylabel="error / output (rms)", title="ADC range, tiles 128 x 128")
    for axis in (left, right):
        axis.set_ylim(bottom=0)
        axis.title.set_fontsize(11)
        axis.legend(fontsize=8)
    return figure


def line_resistance(device_seed: int) -> Figure:
    """Left: which share of the current of set cells arrives, over an array; right: what a layer's outputs change by."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    size, levels = 128, _random(device_seed, "lines").random((128, 128)) < 0.25
    stream = bit_stream(device_seed, "characterise", "line states")
    written = torch.from_numpy(CELL.written_states(levels.astype(np.uint8), physical().writing, stream)).float()
    siemens = (cell_current(CELL, written, LINEAR_V) / LINEAR_V)[None]
    share = (transfer_of_lines(siemens, Wires()) / siemens)[0].numpy()
    rows, columns = np.nonzero(levels)
    dots = left.scatter(columns, rows, c=100 * share[levels], s=5, marker="s", cmap="viridis", vmin=0, vmax=100)
    left.set(
        xlim=(-1, size), ylim=(size, -1), aspect="equal", xlabel="column (driven at 0)", ylabel="row (sensed below)"
    )
    left.set_title("1 ohm per segment: current of set cells that arrives")
    left.grid(False)
    figure.colorbar(dots, ax=left, label="share of the current [%]")
    sizes = (16, 32, 64, 128)
    for ohm in (0.3, 1.0, 3.0):
        lost = [_lost_in_lines(device_seed, Wires(segment_ohm=ohm), n) for n in sizes]
        right.plot(sizes, lost, marker="o", ms=4, label=f"{ohm:g} ohm")
    right.set_xscale("log", base=2)
    right.set_xticks(sizes, [str(n) for n in sizes])
    right.set_ylim(bottom=0)
    right.set(xlabel="rows and columns of a tile", ylabel="difference / output (rms)")
    right.set_title("a layer with and without resistance of its lines")
    right.legend(fontsize=8, title="per segment")
    for axis in (left, right):
        axis.title.set_fontsize(11)
    return figure


def _lost_in_lines(device_seed: int, wires: Wires, size: int) -> float:
    """Difference of a layer's outputs from those with ideal lines, relative to these, both root mean square."""
    generator = torch.Generator().manual_seed(0)
    linear = nn.Linear(256, 128, bias=False)
    linear.weight.data = torch.randn(128, 256, generator=generator)
    x = torch.randn(64, 256, generator=generator).clamp(-3, 3)
    bare = physical(weight_bits=3, tile_rows=size, tile_columns=size, read_noise=None, adc=Adc(range_bits=12))
    ideal, lossy = (
        program(linear, dataclasses.replace(bare, wires=one), device_seed, input_range=3.0)(x) for one in (None, wires)
    )
    return float((lossy - ideal).square().mean().sqrt() / ideal.square().mean().sqrt())


def _layer_error(device_seed: int, hardware: Hardware) -> tuple[float, float]:
    """Error of a programmed 512 x 128 layer relative to its output, both root mean square, and the ADC's clip rate."""
    generator = torch.Generator().manual_seed(0)
    linear = nn.Linear(512, 128, bias=False)
    linear.weight.data = torch.randn(128, 512, generator=generator)
    x = torch.randn(64, 512, generator=generator).clamp(-3, 3)
    ideal = linear(x).detach()
    hardware = dataclasses.replace(hardware, conditioning=Cycles(count=8))
    layer = program(linear, hardware, device_seed, input_range=3.0)
    with torch.random.fork_rng(), recorded_clipping(layer) as counters:
        torch.manual_seed(0)
        result = layer(x)
    (counter,) = counters.values()
    return float((result - ideal).square().mean().sqrt() / ideal.square().mean().sqrt()), counter.adc_rate
