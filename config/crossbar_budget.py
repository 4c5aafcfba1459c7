"""Width, depth, bits and levels at (nearly) equal crossbars, 456 or 432: scores of all sizes, a report of the last."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Memristor, Qat
from setups.mini import mini_of_size


def py():
    levels = {(192, 3): {2: 2, 3: 4}, (96, 12): {2: 2, 3: 4}, (96, 6): {3: 2, 5: 4}, (96, 4): {4: 2, 7: 4}}
    experiments = []
    for size, by_bits in levels.items():
        devices = [Memristor(b, s, physical(levels=n), f"{n} levels") for b, n in by_bits.items() for s in (1, 2, 3)]
        experiments += [run(mini_of_size(*size), [*map(Qat, by_bits), *devices], report=size == (96, 4))]
    return experiments
