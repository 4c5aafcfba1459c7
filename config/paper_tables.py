"""The paper's rows on `mini`: PTQ and QAT at 8 to 2 bit, ten devices each at 8 to 3, on both hardware presets."""

from dataclasses import replace

from memristor_sim.hardware import paper, physical
from recipe.graph.run import run
from recipe.systems import Float, Memristor, Ptq, Qat, System
from setups.mini import mini


def devices(bits, seeds: int = 10, training_seed: int | None = None) -> list[Memristor]:
    """`physical`: devices differ by their draw alone; `paper`: run k has k x 50 pulses before it, fixed scales."""
    drawn = [Memristor(bits, k, physical(), training_seed=training_seed) for k in range(1, seeds + 1)]
    published = [replace(device, hardware=paper(cycles=device.device_seed), preset="paper") for device in drawn]
    return [*drawn, *(replace(device, scale_modes=("fixed",)) for device in published)]


def systems(seeds: int = 10) -> list[System]:
    digital = [Float(), *(kind(bits) for kind in (Ptq, Qat) for bits in (8, 6, 5, 4, 3, 2))]
    return digital + [device for bits in (8, 6, 5, 4, 3) for device in devices(bits, seeds)]


FIRST: list[System] = [Float(), Qat(3), Memristor(3, 1, physical())]
"""The rows that say most about the experiment: what is scored before all others."""


def py():
    return run(mini(), systems(), FIRST)
