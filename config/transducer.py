"""A transducer on memristors: float, PTQ, QAT and ten devices each at 8, 4 and 3 bit, on the mini corpus."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Ptq, Qat
from setups.transducer import mini_transducer

BITS = (8, 4, 3)


def py():
    digital = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in BITS)]
    return run(mini_transducer(), [*digital, *(device for bits in BITS for device in devices(bits))])
