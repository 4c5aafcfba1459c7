"""The paper's question on human speech: float, PTQ and QAT at 8, 4 and 3 bit, ten devices each at 4 and 3 bit."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat, System
from setups.spoken_games import spoken_games


def py():
    systems: list[System] = [Float()]
    systems += [kind(bits) for kind in (Ptq, Qat) for bits in (8, 4, 3)]
    systems += [Memristor(bits, seed, physical()) for bits in (4, 3) for seed in range(1, 11)]
    return run(spoken_games(), systems, [Float(), Qat(3), Ptq(3), Memristor(3, 1, physical())])
