"""Three trainings of each model, two devices of each preset at 8, 4 and 3 bit: what a training's luck is worth."""

from config.paper_tables import devices
from recipe.graph.run import run
from recipe.systems import Float, Ptq, Qat, System
from setups.mini import mini


def py(widths=(8, 6, 5, 4, 3, 2), on_devices=(8, 4, 3)):
    systems: list[System] = []
    for seed in (None, 1, 2):
        quantised = [kind(bits, training_seed=seed) for kind in (Ptq, Qat) for bits in widths]
        systems += [Float(training_seed=seed), *quantised]
        systems += [device for bits in on_devices for device in devices(bits, seeds=2, training_seed=seed)]
    return run(mini(), systems)
