"""The mini graph on minutes of speech, for the tests: it proves that the graph runs, not how well it recognises."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat
from setups.tiny import tiny


def py():
    return run(tiny(), [Float(), Ptq(3), Qat(3), *(Memristor(3, seed, physical()) for seed in (1, 2))])
