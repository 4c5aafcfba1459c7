"""The mini graph on an easy task of few words, for the tests: whole in minutes, with models that recognise."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat
from setups.tiny import tiny


def py():
    return run(tiny(), [Float(), Ptq(3), Qat(3), *(Memristor(3, seed, physical()) for seed in (1, 2))])
