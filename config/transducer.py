"""A transducer on memristors: float, PTQ, QAT and ten devices each at 8, 4 and 3 bit, on the mini corpus."""

from config.paper_tables import devices
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.models.predictor import LstmPredictor
from recipe.setup import Setup
from recipe.systems import Float, Ptq, Qat
from setups.transducer import mini_transducer

BITS = (8, 4, 3)


def py():
    return grid(mini_transducer())


def lstm_predictor():
    return grid(mini_transducer(LstmPredictor()))


def grid(setup: Setup) -> Experiment:
    """All rows of one transducer."""
    digital = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in BITS)]
    return run(setup, [*digital, *(device for bits in BITS for device in devices(bits))])
