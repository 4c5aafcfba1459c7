"""What becomes of written cells until they are read: states relax, conductances drift apart."""

import numpy as np

from memristor_sim.components import Drift


def relaxed(states: np.ndarray, drift: Drift, age_s: float) -> np.ndarray:
    """States after some time.

    :param states: float16 of any shape.
    :return: float16, same shape; the same array if nothing relaxes.
    """
    kept = drift.kept(age_s)
    if kept == 1:
        return states
    return (drift.rest_state + (states.astype(np.float32) - drift.rest_state) * kept).astype(np.float16)


def own_factors(shape: tuple[int, ...], drift: Drift, age_s: float, stream: np.random.SFC64) -> np.ndarray:
    """Conductance of each cell relative to what the common exponent leaves of it.

    :param stream: draws the exponents; the same for every age, so that it is one device that ages.
    :return: float32.
    """
    normal = np.random.Generator(stream).standard_normal(shape, np.float32)
    exponents = np.maximum(drift.exponent + drift.exponent_std * normal, 0)
    return np.float32(drift.growth(age_s)) ** (drift.exponent - exponents)
