"""How often converters clip, per layer, recorded on request."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from memristor_sim.clip_counter import ClipCounter
from memristor_sim.crossbar import Crossbar

__all__ = ["ClipCounter", "recorded_clipping"]


@contextmanager
def recorded_clipping(model: nn.Module) -> Iterator[dict[str, ClipCounter]]:
    """Within the context, forwards of `model` count; yields the counter of each crossbar by module name."""
    crossbars = {name: module for name, module in model.named_modules() if isinstance(module, Crossbar)}
    counters = {name: ClipCounter() for name in crossbars}
    for name, crossbar in crossbars.items():
        crossbar.clipping = counters[name]
    try:
        yield counters
    finally:
        for crossbar in crossbars.values():
            crossbar.clipping = None
