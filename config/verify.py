"""Programming rounds: 3-bit QAT on three devices, verified to each tolerance, and with states of exactly 0 and 1."""

from memristor_sim.hardware import IdealSynaptogen, Verify, physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini


def py():
    sweep = {"physical": physical(), "ideal": physical(cell=IdealSynaptogen())}
    sweep |= {f"verified {t:g}": physical(verify=Verify(tolerance=t)) for t in (0.2, 0.1, 0.05, 0.025)}
    return run(
        mini(), [Float(), Qat(3), *(Memristor(3, s, one, name) for name, one in sweep.items() for s in (1, 2, 3))]
    )
