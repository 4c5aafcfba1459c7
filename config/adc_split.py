"""How to split the bits of the ADC: 4-bit QAT on three devices at each precision and range, the rest as `physical`."""

from memristor_sim.hardware import Adc, physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini

SPLITS = ((1, 7), (2, 6), (3, 5), (4, 4), (5, 3), (6, 2), (4, 8), (8, 8))


def py():
    sweep = {f"ADC {p}+{r} bit": physical(adc=Adc(precision_bits=p, range_bits=r)) for p, r in SPLITS}
    return run(
        mini(), [Float(), Qat(4), *(Memristor(4, s, one, name) for name, one in sweep.items() for s in (1, 2, 3))]
    )
