"""The grid of the work that followed, on LibriSpeech. `make plan CONFIG=config/librispeech.py` shows what it takes."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Qat, System
from setups.librispeech import librispeech


def py():
    systems: list[System] = [Float(), *(Qat(bits) for bits in (8, 6, 5, 4, 3))]
    return run(librispeech(), [*systems, *(one for bits in (8, 6, 5, 4, 3) for one in devices(bits, seeds=5))])
