"""A transducer on memristors: float, PTQ, QAT and ten devices each at 8, 4 and 3 bit, on the mini corpus."""

from config.paper_tables import devices
from memristor_sim.hardware import physical
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.models.predictor import LstmPredictor
from recipe.setup import Setup
from recipe.systems import Float, Memristor, Ptq, Qat, System
from setups.transducer import mini_transducer

BITS = (8, 4, 3)
FIRST: list[System] = [Float(), Qat(3), Memristor(3, 1, physical())]


def py():
    return grid(mini_transducer())


def lstm_predictor():
    return grid(mini_transducer(LstmPredictor()))


def three_bit():
    """A first look: two of the four trainings, the ten devices of one."""
    drawn = [Memristor(3, seed, physical()) for seed in range(1, 11)]
    return run(mini_transducer(), [Float(), Ptq(3), Qat(3), *drawn], FIRST)


def grid(setup: Setup) -> Experiment:
    """All rows of one transducer."""
    digital = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in BITS)]
    return run(setup, [*digital, *(device for bits in BITS for device in devices(bits))], FIRST)
