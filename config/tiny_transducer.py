"""The transducer on the easy task of the tests: every kind of system once."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat
from setups.transducer import tiny_transducer


def py():
    return run(tiny_transducer(), [Float(), Ptq(3), Qat(3), *(Memristor(3, seed, physical()) for seed in (1, 2))])
