"""The paper's rows on TED-LIUM release 2. `make plan CONFIG=config/tedlium2.py` shows what that takes."""

from config.paper_tables import systems
from recipe.graph.run import run
from setups.tedlium2 import tedlium2


def py():
    return run(tedlium2(), systems())
