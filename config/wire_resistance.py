"""Resistance of the lines against the size of tiles: 4-bit QAT on three devices each, the rest as `physical`."""

from memristor_sim.hardware import Wires, physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Qat
from setups.mini import mini


def py():
    devices = []
    for ohm in (0, 0.3, 1, 3):
        for size in (32, 64, 128):
            hardware = physical(wires=Wires(segment_ohm=ohm) if ohm else None, tile_rows=size, tile_columns=size)
            devices += [Memristor(4, seed, hardware, f"{ohm:g} ohm, tiles of {size}") for seed in (1, 2, 3)]
    return run(mini(), [Float(), Qat(4), *devices])
