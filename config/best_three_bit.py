"""The published 3-bit training, its 8-bit attention operands alone, and all levers together, three devices each."""

from config.three_bit import OPERANDS, together
from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Qat, device_of
from setups.mini import mini


def py():
    trained = [together(3), Qat(3, OPERANDS), Qat(3)]
    devices = [device_of(qat, seed, physical()) for qat in trained for seed in (1, 2, 3)]
    return run(mini(), [Float(), *trained, *devices])
