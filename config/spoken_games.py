"""The paper's question on human speech: float, PTQ and QAT at 8, 4 and 3 bit, ten devices each at 4 and 3 bit."""

from memristor_sim.hardware import physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat, System
from setups.spoken_games import spoken_games

FIRST: list[System] = [Float(), Qat(3), Ptq(3), Memristor(3, 1, physical())]


def devices(bits: int, seeds: int = 10) -> list[System]:
    return [Memristor(bits, seed, physical()) for seed in range(1, seeds + 1)]


def py():
    digital = [kind(bits) for kind in (Ptq, Qat) for bits in (8, 4, 3)]
    return run(spoken_games(), [Float(), *digital, *devices(4), *devices(3)], FIRST)


def three_bit():
    """A first look: two of the four trainings, three of the ten devices."""
    return run(spoken_games(), [Float(), Ptq(3), Qat(3), *devices(3, seeds=3)], FIRST)
