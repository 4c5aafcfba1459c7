"""Bits by block of each layer: rows in turn 8 and 4, or as on a chessboard, beside 6 everywhere, at equal crossbars."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Qat, device_of
from setups.mini import mini

ROWS = {"*.tile_*[02468]_*": 8, "*.tile_*": 4, "*": 6}
CHESS = {"*.tile_*[02468]_*[02468]": 8, "*.tile_*[13579]_*[13579]": 8, "*.tile_*": 4, "*": 6}


def py(side=48):
    qats = [Qat(6), *(Qat(bits, {"tile": side}) for bits in (6, ROWS, CHESS))]
    hardware, name = physical(tile_rows=side, tile_columns=side), f"tiles of {side}"
    return run(mini(), [Float(), *qats, *(device_of(qat, seed, hardware, name) for qat in qats for seed in (1, 2, 3))])
