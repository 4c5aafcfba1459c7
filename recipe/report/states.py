"""Counts from models: crossbars that a mapping takes, cell states of a programmed device. Loads torch."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace

import numpy as np

from memristor_sim.conversion import mapped_layers
from memristor_sim.cost import model_costs
from memristor_sim.crossbar import Crossbar
from memristor_sim.hardware import READ_RANGE_V, Cell, Hardware, Synaptogen
from memristor_sim.iv import cell_current
from memristor_sim.layer_builders import weights_of
from memristor_sim.mapping import Mapping, digits
from memristor_sim.weights import integer_weight
from recipe.errors import InputError
from recipe.features.config import FRAMES_PER_SECOND
from recipe.files import open_text
from recipe.hardware.spec import ModelSpec, load_model
from recipe.quantization.build_model import build_model

EDGES = {"conductance_us": np.linspace(0, 400, 201), "pair_value": np.linspace(-2, 2, 201)}


def crossbar_costs(spec: ModelSpec) -> dict:
    """The fields of memristor_sim.cost.Cost over all mapped layers; nothing is loaded or programmed."""
    model = build_model(spec.model, spec.quantization)
    vectors_per_s = FRAMES_PER_SECOND / spec.model.time_reduction
    gains = any(step.gains_of_columns for step in spec.calibration)
    total = model_costs(model, _hardware(spec), vectors_per_s=vectors_per_s, column_gains=gains)[-1]
    return {name: value for name, value in asdict(total).items() if name != "name"}


def level_conductances_us(levels: int, cell: Cell = Synaptogen()) -> list[float]:  # noqa: B008
    """Mean conductance of a cell on each level at the largest read voltage, in microsiemens."""
    states = cell.level_states(levels)
    return [1e6 * float(cell_current(cell, state, READ_RANGE_V)) / READ_RANGE_V for state in states]


def write_cell_states(spec: ModelSpec, digital: str, programmed: str, path: str) -> None:
    """Histograms as csv: quantity, written, centre, count.

    `conductance_us` counts single cells by the level they were written to, `pair_value` pairs by their digit.

    :param digital: checkpoint of the quantised model that was programmed
    :param programmed: checkpoint of the device
    """
    counts: dict[tuple[str, int], np.ndarray] = {}
    for quantity, written, values in _cells(spec, digital, programmed):
        edges = EDGES[quantity]
        for level in np.unique(written).tolist():
            inside = np.clip(values[written == level], edges[0], edges[-1])
            counted, _ = np.histogram(inside, edges)
            counts[quantity, level] = counts.get((quantity, level), 0) + counted
    with open_text(path, "wt") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["quantity", "written", "centre", "count"])
        for (quantity, level), counted in sorted(counts.items()):
            edges = EDGES[quantity]
            for centre, count in zip((edges[:-1] + edges[1:]) / 2, counted.tolist(), strict=True):
                writer.writerow([quantity, level, f"{centre:.6g}", count])


def _cells(spec: ModelSpec, digital: str, programmed: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Quantity, what was written and what it became, layer by layer."""
    hardware = _hardware(spec)
    model = load_model(replace(spec, hardware=None), digital)
    device = load_model(spec, programmed)
    crossbars = {module.name: module for module in device.modules() if isinstance(module, Crossbar)}
    mapped = mapped_layers(model, hardware).items()
    for name, layer in (weight for mapped_layer in mapped for weight in weights_of(*mapped_layer).items()):
        crossbar = crossbars[name]
        matrix = as_matrix(integer_weight(name, layer, hardware).integers, crossbar.mapping)
        plus, minus = (digits(np.maximum(sign * matrix, 0), crossbar.mapping) for sign in (1, -1))
        currents = [
            cell_current(hardware.cell, states.float().numpy(), READ_RANGE_V)
            for states in (crossbar.r_plus, crossbar.r_minus)
        ]
        for written, current in zip((plus, minus), currents, strict=True):
            yield "conductance_us", written, 1e6 * current / READ_RANGE_V
        steps = hardware.output_per_ampere(READ_RANGE_V) * (crossbar.mapping.levels - 1)
        yield "pair_value", plus.astype(int) - minus, steps * (currents[0] - currents[1])


def _hardware(spec: ModelSpec) -> Hardware:
    if spec.hardware is None:
        raise InputError("crossbars and cells are counted of models on hardware; give ModelSpec.hardware")
    return spec.hardware


def as_matrix(weight: np.ndarray, mapping: Mapping) -> np.ndarray:
    """[outputs, inputs, ...] to [groups, rows, columns], as crossbars hold it."""
    return weight.reshape(mapping.groups, mapping.columns, mapping.rows).transpose(0, 2, 1)


def all_costs(rows: Iterable[tuple[str, str, ModelSpec]]) -> list[dict]:
    """Costs with the bits and preset that they belong to.

    :param rows: bits, preset, spec
    """
    return [{"bits": bits, "preset": preset} | crossbar_costs(spec) for bits, preset, spec in rows]
