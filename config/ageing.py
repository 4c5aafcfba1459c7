"""The same three devices read later and later. The drift is invented: none has been published of these cells."""

from memristor_sim.hardware import Drift, physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini

DRIFT = Drift(exponent=0.005, exponent_std=0.005, relaxation_s=1e7, stretch=0.5)


def py():
    hardware = physical(drift=DRIFT)
    ages_s = (0, 3600, 86_400, 2_592_000)
    return run(mini(), [Float(), Qat(4), *(Memristor(4, s, hardware, age_s=age) for age in ages_s for s in (1, 2, 3))])
