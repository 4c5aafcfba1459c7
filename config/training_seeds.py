"""Three trainings of each model, two devices of each preset at 8, 4 and 3 bit: what a training's luck is worth."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Ptq, Qat, System
from setups.mini import mini

SEEDS = (None, 1, 2)


def py():
    systems: list[System] = []
    for seed in SEEDS:
        quantised = [kind(bits, training_seed=seed) for kind in (Ptq, Qat) for bits in (8, 6, 5, 4, 3, 2)]
        systems += [Float(training_seed=seed), *quantised]
        systems += [device for bits in (8, 4, 3) for device in devices(bits, seeds=2, training_seed=seed)]
    return run(mini(), systems)


def three_bit():
    """One or two widths of each kind of row: float, 4- and 3-bit PTQ, 3-bit QAT and its devices."""
    systems: list[System] = []
    for seed in SEEDS:
        quantised: list[System] = [kind(bits, training_seed=seed) for kind, bits in ((Ptq, 4), (Ptq, 3), (Qat, 3))]
        systems += [Float(training_seed=seed), *quantised, *devices(3, seeds=2, training_seed=seed)]
    return run(mini(), systems)
