"""What single memristor pairs make of one input times one weight (paper table 1)."""

import torch
from torch import nn

import memristor_sim
from memristor_sim.hardware import Adc, Cycles, Dac, Hardware

# Fine converters and no read noise, so that only the cells are measured.
HARDWARE = Hardware(
    weight_bits=2, conditioning=Cycles(), read_noise=None, dac=Dac(bits=16), adc=Adc(precision_bits=16, range_bits=4)
)
OPERATIONS = {"1.0 x 1": (1.0, 1), "0.1 x 1": (0.1, 1), "0.01 x 1": (0.01, 1), "1.0 x 0": (1.0, 0)}


def cell_transfer(num_cells: int, device_seed: int) -> list[dict[str, float | str]]:
    """Rows operation ("input x weight"), mean, std, min, max over `num_cells` pairs each.

    The paper's fifth operation, weight 0.5, is left out: the paper does not say how a binary cell holds it.
    """
    layer = nn.Linear(1, 2 * num_cells, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.arange(2 * num_cells)[:, None] < num_cells)  # ones, then zeros
    layer = memristor_sim.program(layer.eval(), HARDWARE, device_seed, input_range=1.0)
    rows = []
    for operation, (value, weight) in OPERATIONS.items():
        ones, zeros = layer(torch.tensor([[value]]))[0].double().split(num_cells)
        out = ones if weight else zeros
        figures = {"mean": out.mean(), "std": out.std(), "min": out.min(), "max": out.max()}
        rows.append({"operation": operation} | {name: float(figure) for name, figure in figures.items()})
    return rows
