"""The published 3-bit training, its 8-bit attention operands alone, and all levers together, three devices each."""

from dataclasses import replace

from config.three_bit import OPERANDS, together
from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Qat, device_of
from setups.mini import mini


def py():
    trained = [together(3), Qat(3, OPERANDS), Qat(3)]
    devices = [device_of(qat, seed, physical()) for qat in trained for seed in (1, 2, 3)]
    return run(mini(), [Float(), *trained, *devices])


def trainings():
    """All levers together in three trainings, each from a float model of its own, ten devices of each."""
    floats = [Float(training_seed=seed) for seed in (None, 1, 2)]
    trained = [replace(together(3), training_seed=one.training_seed) for one in floats]
    devices = [device_of(qat, seed, physical()) for qat in trained for seed in range(1, 11)]
    return run(mini(), [*floats, *trained, *devices])


def other_widths():
    """All levers together at 4 and at 2 bit beside the published training of each, ten devices of all levers."""
    devices = [device_of(together(bits), seed, physical()) for bits in (4, 2) for seed in range(1, 11)]
    return run(mini(), [Float(), *(qat for bits in (4, 2) for qat in (together(bits), Qat(bits))), *devices])
