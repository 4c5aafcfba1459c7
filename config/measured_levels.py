"""Your own device: 4-bit QAT on three devices whose cells follow a table of levels, here one with invented numbers."""

from memristor_sim.cells.measured_levels import EXAMPLE, MeasuredLevels
from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini


def py():
    hardware = physical(cell=MeasuredLevels.from_csv(EXAMPLE))
    return run(mini(), [Float(), Qat(4), *(Memristor(4, seed, hardware, "measured levels") for seed in (1, 2, 3))])
