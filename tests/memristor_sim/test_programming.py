"""Faulty cells, and spare columns in the place of the worst ones."""

import numpy as np

from memristor_sim.hardware import Hardware, StuckAt
from memristor_sim.programming import stuck
from memristor_sim.seeds import bit_stream

FAULTY = Hardware(stuck_at=StuckAt(high=0.05), spare_columns=8)


def wrong_per_column(hardware, spares):
    """Stuck cells of each column of an array that was to be 0 everywhere."""
    levels = np.zeros((128, 64), np.uint8)
    streams = [bit_stream(1, "layer", name) for name in ("faults", "spares")]
    return (stuck(levels, hardware, streams[0], streams[1] if spares else None) > 0).sum(0)


def test_the_worst_columns_are_exchanged_for_the_best_spare_ones():
    before, after = (wrong_per_column(FAULTY, spares) for spares in (False, True))
    changed = np.flatnonzero(before != after)
    assert 0 < len(changed) <= 8 and np.all(after[changed] < before[changed])
    assert before[changed].min() >= np.delete(before, changed).max() - 1  # worst first, but for ties with spares
    assert after.sum() < before.sum()


def test_spare_columns_that_are_no_better_are_left_alone():
    few = Hardware(stuck_at=StuckAt(high=0.001), spare_columns=8)
    before, after = (wrong_per_column(few, spares) for spares in (False, True))
    assert np.all(after <= before)
    assert np.array_equal(before == 0, (before == 0) & (after == 0))
