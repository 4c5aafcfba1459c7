"""How coarse may converters be, how large tiles? 4-bit QAT on three devices at each value, the rest as `physical`."""

from memristor_sim.hardware import Adc, Dac, physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini


def py():
    sweep = {f"ADC {bits}+4 bit": physical(adc=Adc(precision_bits=bits)) for bits in (2, 3, 4, 6)}
    sweep |= {f"DAC {bits} bit": physical(dac=Dac(bits=bits)) for bits in (4, 6, 8)}
    sweep |= {f"tiles of {size}": physical(tile_rows=size, tile_columns=size) for size in (32, 64, 128)}
    devices = [Memristor(4, seed, hardware, name) for name, hardware in sweep.items() for seed in (1, 2, 3)]
    return run(mini(device_scales="walk"), [Float(), Qat(4), *devices])
