"""The transducer on the easy task of the tests: every kind of system once."""

from memristor_sim.hardware import physical
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.models.predictor import LstmPredictor
from recipe.setup import Setup
from recipe.systems import Float, Memristor, Ptq, Qat
from setups.transducer import tiny_transducer


def py():
    return grid(tiny_transducer())


def lstm_predictor():
    return grid(tiny_transducer(LstmPredictor(embedding_dim=16, hidden_dim=32)))


def grid(setup: Setup) -> Experiment:
    """All rows of one transducer."""
    return run(setup, [Float(), Ptq(3), Qat(3), *(Memristor(3, seed, physical()) for seed in (1, 2))])
