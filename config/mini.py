"""The first graph: every kind of system once, few devices. `./sis manager -r config/mini.py`"""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat, System
from setups.mini import mini


def py():
    systems: list[System] = [Float()]
    systems += [Ptq(bits) for bits in (8, 4, 3, 2)]
    systems += [Qat(bits) for bits in (4, 3, 2)]
    systems += [Memristor(bits, seed, physical()) for bits in (4, 3) for seed in range(1, 4)]
    return run(mini(), systems)
