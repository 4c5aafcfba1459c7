"""The paper's rows on `mini` with three devices each: half of the time of `paper_tables.py`."""

from config.paper_tables import FIRST, systems
from recipe.graph.run import run
from setups.mini import mini


def py():
    return run(mini(), systems(seeds=3), FIRST)
