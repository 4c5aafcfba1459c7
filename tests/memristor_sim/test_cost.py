import pytest
from torch import nn

from memristor_sim import physical, program
from memristor_sim.cost import LayerShape, layer_cost, model_costs, paper_shapes, total_cost
from memristor_sim.crossbar import Crossbar


@pytest.mark.parametrize(("bits", "pairs"), [(8, 17_388), (6, 12_420), (5, 9_936), (4, 7_452), (3, 4_968)])
def test_the_model_of_the_paper(bits, pairs):
    """arXiv 2505.24721: less than 1 % of the blocks outside, 128 x 128 tiles, a pair per weight and digit plane."""
    total = total_cost(layer_cost(shape, physical()) for shape in paper_shapes(bits))
    assert total.weights == 40_697_856 and total.tiles == 2_484
    assert total.crossbars == 2 * pairs and total.cells == pairs * 32_768
    assert total.utilisation == 1.0
    assert total.digital_weight_bytes_per_s == 40_697_856 * bits / 8 * 25


def test_ragged_layer_by_hand():
    cost = layer_cost(
        LayerShape(name="a", rows=130, columns=200, weight_bits=3, vectors_per_s=10),
        physical(),
        vectors_per_weight_read=5,
    )
    assert (cost.tiles, cost.crossbars, cost.cells) == (4, 16, 16 * 128 * 128)
    assert cost.utilisation == pytest.approx(130 * 200 / (4 * 128 * 128))
    assert cost.dac_conversions_per_s == 10 * 2 * 130 * 2 and cost.adc_conversions_per_s == 10 * 2 * 200 * 2
    assert cost.digital_weight_bytes_per_s == 130 * 200 * 3 / 8 * 10 / 5


def test_costs_of_a_model_count_what_is_programmed():
    build = lambda: nn.Sequential(
        nn.Linear(150, 20), nn.Conv1d(4, 8, 3, groups=2), nn.LSTM(5, 6, 2, bidirectional=True)
    )
    hardware = physical(weight_bits=4)
    *layers, total = model_costs(build(), hardware)
    model = program(build(), hardware, 0, input_range=1.0)
    crossbars = [module for module in model.modules() if isinstance(module, Crossbar)]
    assert len(layers) == len(crossbars) == 10
    assert 2 * 3 * total.weights == sum(one.r_plus.numel() + one.r_minus.numel() for one in crossbars)
    assert total.crossbars == sum(len(list(one.mapping.arrays())) for one in crossbars)


def test_the_papers_weights_have_eight_bits_unless_others_are_asked_for():
    assert paper_shapes() == paper_shapes(8) != paper_shapes(7)
