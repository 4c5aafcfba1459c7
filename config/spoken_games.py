"""The paper's question on human speech: float, PTQ and QAT at 8, 4 and 3 bit, ten devices each at 4 and 3 bit."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Ptq, Qat
from setups.spoken_games import spoken_games


def py():
    bits = (8, 4, 3)
    systems = [Float(), *map(Ptq, bits), *map(Qat, bits), *devices(4), *devices(3)]
    return run(spoken_games(), systems)
