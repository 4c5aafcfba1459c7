"""Power and counts against every single cell of every vector, from the measured formulas."""

import copy
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from memristor_sim import IdealSynaptogen, physical, program, recorded_clipping, recorded_work
from memristor_sim.cells.measured_levels import MeasuredLevels
from memristor_sim.crossbar import Crossbar
from memristor_sim.work_meter import layers_of
from tests.memristor_sim.reference import currents, line_voltages

LAYERS = {
    "linear": (nn.Linear(40, 9), (3, 5, 40)),
    "one vector": (nn.Linear(40, 9), (40,)),
    "one sequence": (nn.Conv1d(4, 6, 3, padding=1), (4, 11)),
    "conv1d": (nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2), (2, 4, 11)),
    "conv2d": (nn.Conv2d(3, 5, (2, 3), stride=(1, 2), padding=1), (2, 3, 5, 6)),
    "transposed": (nn.ConvTranspose1d(4, 3, 3, stride=2), (2, 4, 5)),
    "lstm": (nn.LSTM(5, 6, batch_first=True), (2, 4, 5)),
    "gru": (nn.GRU(5, 6, 2, bidirectional=True), (4, 2, 5)),
    "attention": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval(), (2, 3, 8)),
}
HARDWARE = physical(weight_bits=4, tile_rows=16, tile_columns=4)


def programmed(kind, hardware=HARDWARE):
    torch.manual_seed(0)
    layer, shape = LAYERS[kind]
    model = nn.Sequential()
    model.add_module("layer", copy.deepcopy(layer))
    return program(model, hardware, 0, input_range=1.0), torch.randn(shape)


def unfolded(x: torch.Tensor, crossbar: Crossbar) -> np.ndarray:
    """[vectors, groups, rows]: what drives each row, position by position."""
    if not crossbar.kernel:
        return x.reshape(-1, 1, x.shape[-1]).numpy()
    windows = x
    for axis, (k, d, s) in enumerate(zip(crossbar.kernel, crossbar.dilation, crossbar.stride, strict=True)):
        windows = windows.unfold(2 + axis, d * (k - 1) + 1, s)[..., ::d]
    axes = len(crossbar.kernel)
    windows = windows.movedim(1, 1 + axes)  # [S, *axes, channels, *kernel]
    return windows.reshape(-1, crossbar.mapping.groups, crossbar.mapping.rows).numpy()


def power_cell_by_cell(rows: np.ndarray, crossbar: Crossbar) -> float:
    """The sum of V I over both lines, all planes, groups, columns and vectors, one array of cells at a time."""
    total = 0.0
    voltage_v = line_voltages(rows, crossbar.dac)
    for states in (crossbar.r_plus, crossbar.r_minus):
        for plane in states.double().numpy():
            for group, cells in enumerate(plane):
                at_v = voltage_v[:, group, :, None]
                total += float((at_v * currents(cells, at_v, crossbar.cell)).sum())
    return total


@pytest.mark.parametrize("kind", LAYERS)
def test_power_is_that_of_all_cells(kind):
    model, x = programmed(kind)
    crossbars = {name: module for name, module in model.named_modules() if isinstance(module, Crossbar)}
    seen = {name: [] for name in crossbars}
    for name, crossbar in crossbars.items():
        crossbar.register_forward_pre_hook(lambda _, args, name=name: seen[name].append([a.clone() for a in args]))
    with torch.no_grad(), recorded_work(model) as meters, recorded_clipping(model) as counters:
        model(x)
    assert meters.keys() == crossbars.keys() and all(seen.values())
    for name, crossbar in crossbars.items():
        rows = np.concatenate([unfolded(inputs / full_scale, crossbar) for inputs, full_scale in seen[name]])
        work = meters[name].work(name)
        assert work.summed_power_w == pytest.approx(power_cell_by_cell(rows, crossbar), rel=1e-9)
        assert work.summed_power_w > 0 and work.vectors == len(rows)
        assert work.adc_conversions == counters[name].adc_conversions
        assert work.dac_conversions == rows.size * 3 * len(crossbar.mapping.column_slices())
        assert work.multiply_adds == rows.size * crossbar.mapping.columns
        assert work.pairs * 2 == len(list(crossbar.mapping.arrays()))


def test_cells_of_a_measured_table_draw_their_own_current():
    cells = MeasuredLevels(mean_us=(4.0, 100.0), std_us=(1.0, 6.0))
    model, x = programmed("linear", physical(weight_bits=4, cell=cells))
    crossbar = next(module for module in model.modules() if isinstance(module, Crossbar))
    with torch.no_grad(), recorded_work(model) as meters:
        model(x.clamp(-1, 1))
    [meter] = meters.values()
    rows = unfolded(x.clamp(-1, 1), crossbar)
    assert meter.summed_power_w == pytest.approx(power_cell_by_cell(rows, crossbar), rel=1e-9)


@pytest.mark.parametrize("input_value", [1.0, -1.0, 0.3])
def test_a_perfect_cell_of_state_1_takes_power_though_its_current_has_the_wrong_sign(input_value):
    """So that a layer of large weights alone does not give energy back."""
    model = program(nn.Linear(4, 1), physical(weight_bits=4, cell=IdealSynaptogen()), 0, input_range=1.0)
    crossbar = model.crossbar
    crossbar.write(torch.ones_like(crossbar.r_plus), torch.ones_like(crossbar.r_minus))
    with torch.no_grad(), recorded_work(model) as meters:
        model(torch.full((1, 4), input_value))
    [work] = layers_of(meters)
    voltage_v = line_voltages(np.array([input_value]), crossbar.dac)
    _, high = crossbar.cell.extreme_currents(voltage_v)
    power_w = float((voltage_v * high)[0])
    assert work.summed_power_w == pytest.approx(2 * crossbar.r_plus.numel() * abs(power_w)) and power_w < 0


def test_a_full_read_of_set_cells_by_hand():
    """A cell of 166 microampere at 0.6 V takes 100 microwatt; pairs of set cells at full drive, twice that each."""
    model, _ = programmed("linear")
    crossbar = next(module for module in model.modules() if isinstance(module, Crossbar))
    crossbar.write(torch.zeros_like(crossbar.r_plus), torch.zeros_like(crossbar.r_minus))
    with torch.no_grad(), recorded_work(model) as meters:
        model(torch.ones(7, 40))
    [meter] = meters.values()
    pairs = 3 * 40 * 9
    assert meter.summed_power_w / (7 * 2 * pairs) == pytest.approx(0.6 * 166e-6, rel=0.01)


def test_recording_changes_no_bit_and_ends_with_the_context():
    model, x = programmed("attention")
    results = []
    for recording in (False, True, False):
        torch.manual_seed(3)
        with torch.no_grad():
            if recording:
                with recorded_work(model) as meters:
                    results.append(model(x))
            else:
                results.append(model(x))
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])
    found = [one.vectors for one in layers_of(meters)]
    assert found == [6] * len(found) and {one.name for one in layers_of(meters)} >= {"layer.linear1"}


def test_the_example_of_the_page_runs(capsys):
    page = Path(__file__).resolve().parents[2] / "docs" / "energy.md"
    [example] = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    exec(compile(example, str(page), "exec"), {})
    assert "typical=" in capsys.readouterr().out
