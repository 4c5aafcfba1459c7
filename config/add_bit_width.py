"""The paper's rows and 7 bit: one more training, its digital decodes, its devices. All else is found finished."""

from config.paper_tables import devices, systems
from recipe.graph.run import run
from recipe.systems import Ptq, Qat
from setups.mini import mini


def py():
    return run(mini(), [*systems(), Ptq(7), Qat(7), *devices(7)])
