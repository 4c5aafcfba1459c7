"""One row with 4-bit feed-forward modules and 8 bit elsewhere, beside uniform 8 and 4 bit."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Qat
from setups.mini import mini

MIXED = {"*.feed_forward*": 4, "*": 8}


def py():
    return run(mini(), [Float(), *(Qat(bits) for bits in (8, 4, MIXED)), *devices(MIXED, seeds=3)])
