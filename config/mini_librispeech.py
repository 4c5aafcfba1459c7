"""Float, PTQ, QAT and devices on five hours of read speech."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Ptq, Qat
from setups.mini_librispeech import mini_librispeech


def py():
    systems = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in (4, 3))]
    return run(mini_librispeech(), [*systems, *devices(3, seeds=3)])
