"""Float, PTQ, QAT and three devices on twenty minutes of speech, with the updates that it needs."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Ptq, Qat
from setups.small_corpus import small_corpus


def py():
    return run(small_corpus(), [Float(), Ptq(3), Qat(4), Qat(3), *devices(3, seeds=3)])
