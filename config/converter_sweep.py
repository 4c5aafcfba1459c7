"""How coarse may the ADC be? 4-bit QAT on three devices at 2, 3, 4 and 6 bits behind the point."""

from memristor_sim.hardware import Adc, physical
from recipe.experiment import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini


def py():
    converters = {f"ADC {bits}+4 bit": physical(adc=Adc(precision_bits=bits)) for bits in (2, 3, 4, 6)}
    devices = [Memristor(4, seed, hardware, name) for name, hardware in converters.items() for seed in (1, 2, 3)]
    run(mini(), [Float(), Qat(4), *devices])
