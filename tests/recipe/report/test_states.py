import csv
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from memristor_sim.cells.measured_levels import MeasuredLevels
from memristor_sim.cost import LayerShape, layer_cost, total_cost
from memristor_sim.hardware import Cycles, Hardware, physical
from recipe.errors import InputError
from recipe.formats.checkpoint import save_checkpoint
from recipe.hardware.program import programmed_model
from recipe.hardware.spec import ModelSpec
from recipe.quantization.build_model import build_model
from recipe.quantization.config import QuantizationConfig
from recipe.report.memristor_table import hardware_text
from recipe.report.outputs import level_sets
from recipe.report.plot_states import read_states
from recipe.report.states import all_costs, crossbar_costs, level_conductances_us, write_cell_states
from tests.recipe.training.synthetic import MODEL

SPEC = ModelSpec(
    model=MODEL, quantization=QuantizationConfig(weight_bits=4), hardware=Hardware(conditioning=Cycles(count=3))
)


OWN = replace(SPEC, hardware=physical(cell=MeasuredLevels(mean_us=(10.0, 350.0), std_us=(2.0, 20.0))))


@pytest.fixture(scope="module", params=[SPEC, OWN], ids=["synaptogen", "measured levels"])
def states(tmp_path_factory, request):
    """states.csv of a small programmed model, the integers that were programmed, the crossbars and the cells."""
    folder = tmp_path_factory.mktemp("states")
    torch.manual_seed(0)
    model = build_model(MODEL, SPEC.quantization).train()
    model(torch.randn(2, 60, 80), torch.tensor([60, 50]))
    save_checkpoint(model, folder / "qat.pt")
    device = programmed_model(request.param, str(folder / "qat.pt"), 1)
    save_checkpoint(device, folder / "device.pt")
    write_cell_states(request.param, str(folder / "qat.pt"), str(folder / "device.pt"), str(folder / "states.csv"))
    mapped = [module for name, module in device.named_modules() if name.endswith("crossbar")]
    names = [name.removesuffix(".crossbar") for name, _ in device.named_modules() if name.endswith("crossbar")]
    integers = [model.get_submodule(name).integer_weight().numpy() for name in names]
    return folder / "states.csv", integers, mapped, request.param.hardware.cell


def test_every_cell_is_counted_under_what_was_written_to_it(states):
    path, integers, *_ = states
    read = read_states(path)
    bits_set = sum(int(np.abs(w) >> plane & 1) for weight in integers for w in weight.ravel() for plane in range(3))
    cells = 2 * 3 * sum(weight.size for weight in integers)
    counted = {
        written: counts.sum() for (quantity, written), (_, counts) in read.items() if quantity == "conductance_us"
    }
    assert counted == {"0": cells - bits_set, "1": bits_set}
    pairs = {int(w): counts.sum() for (quantity, w), (_, counts) in read.items() if quantity == "pair_value"}
    assert sum(pairs.values()) == cells / 2
    assert pairs[-1] + pairs[1] == bits_set


def test_cells_and_pairs_lie_about_what_they_should(states):
    read = read_states(states[0])

    def mean(*key):
        centres, counts = read[key]
        return (centres * counts).sum() / counts.sum()

    unset, set_ = level_conductances_us(2, states[3])
    assert mean("conductance_us", "0") == pytest.approx(unset, abs=3)
    assert mean("conductance_us", "1") == pytest.approx(set_, rel=0.02)
    # paper table 1: 1.0 x 1 is 1.016 +- 0.063 on the positive drive
    for digit in (-1, 0, 1):
        assert mean("pair_value", str(digit)) == pytest.approx(digit, abs=0.03)


def test_crossbars_follow_bits_and_tiles_and_need_no_checkpoint():
    (eight, four) = (replace(SPEC, quantization=QuantizationConfig(weight_bits=bits)) for bits in (8, 4))
    rows = all_costs([("8", "fresh", eight), ("4", "fresh", four)])
    assert [(row["bits"], row["preset"]) for row in rows] == [("8", "fresh"), ("4", "fresh")]
    assert rows[0]["crossbars"] * 3 == rows[1]["crossbars"] * 7
    small = crossbar_costs(replace(four, hardware=Hardware(tile_rows=8, tile_columns=8)))
    assert small["crossbars"] > rows[1]["crossbars"] and small["utilisation"] > rows[1]["utilisation"]
    dim, blocks = MODEL.model_dim, MODEL.num_blocks
    shapes = [(dim, MODEL.feed_forward_dim), (MODEL.feed_forward_dim, dim)] * 2
    shapes += [(dim, 3 * dim), (dim, dim), (dim, 2 * dim), (dim, dim)]
    by_hand = total_cost(
        layer_cost(LayerShape(name="", rows=i, columns=o, weight_bits=4), Hardware()) for i, o in shapes * blocks
    )
    assert (rows[1]["crossbars"], rows[1]["weights"]) == (by_hand.crossbars, by_hand.weights)


def test_the_file_has_the_columns_that_its_reader_needs(states):
    with open(states[0], newline="") as file:
        assert csv.DictReader(file).fieldnames == ["quantity", "written", "centre", "count"]


def test_a_model_that_is_not_on_hardware_has_no_crossbars():
    with pytest.raises(InputError, match="give ModelSpec.hardware"):
        crossbar_costs(replace(SPEC, hardware=None))


def test_conversions_follow_the_frames_that_the_frontend_leaves():
    """A frontend that leaves half as many frames halves the conversions and nothing else."""
    slower = replace(MODEL, frontend_pools=((2, 1), *MODEL.frontend_pools[1:]))
    faster = replace(MODEL, frontend_pools=((1, 1), *MODEL.frontend_pools[1:]))
    few, many = (crossbar_costs(replace(SPEC, model=model)) for model in (slower, faster))
    assert many["adc_conversions_per_s"] == pytest.approx(2 * few["adc_conversions_per_s"])
    assert many["cells"] == few["cells"]


def test_cells_other_than_the_default_are_named_and_drawn():
    cell = OWN.hardware.cell
    assert level_conductances_us(2, cell) == pytest.approx([10, 350])
    specs = [replace(SPEC, hardware=Hardware(levels=levels)) for levels in (4, 2, 4)] + [OWN, OWN]
    assert level_sets([SimpleNamespace(spec=spec) for spec in specs]) == [2, 4, (2, cell)]
    assert hardware_text([OWN.hardware]).endswith("C, cells: 2 measured levels of 10 to 350 µS, lognormal")
    assert hardware_text([SPEC.hardware]).endswith("3 full cycles before writing")


def test_what_lines_age_and_faults_do_is_said_of_a_preset():
    from memristor_sim.hardware import Drift, StuckAt, Temperature, Wires, physical

    hardware = physical(wires=Wires(segment_ohm=0.5), drift=Drift(exponent=0.02), age_s=60.0)
    text = hardware_text([hardware])
    assert "lines of 0.5 ohm per cell" in text and "read 60 s after writing with Drift(exponent=0.02" in text
    text = hardware_text([physical(temperature=Temperature(kelvin=350), stuck_at=StuckAt(high=0.01), spare_columns=4)])
    assert "read at 350 K, 0.00% of cells stuck low and 1.00% high, 4 spare columns per array" in text
