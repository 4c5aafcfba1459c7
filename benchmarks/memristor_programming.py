"""Programming cells: against applying the paper's pulses one by one in NumPy, and a whole device of the paper's model.

python benchmarks/memristor_programming.py [--whole] [--json FILE]
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
from synaptogen import synaptogen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memristor_sim.cost import PAPER_BLOCK, PAPER_BLOCKS  # noqa: E402
from memristor_sim.hardware import paper  # noqa: E402
from memristor_sim.mapping import mapping_of  # noqa: E402
from memristor_sim.programming import program_states  # noqa: E402

TILE = (128, 128)


def played_numpy(repeats: int) -> float:
    """Seconds per cell of the public NumPy model (synaptogen) for one array of the paper's first run.

    The run has 50 random pulses, a reset and a set. The result is the fastest of `repeats`.
    """
    random = np.random.default_rng(0)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        cells = synaptogen.CellArrayCPU(TILE[0] * TILE[1])
        for pulse_v in random.uniform(-2, 2, 50):
            synaptogen.applyVoltage(cells, float(pulse_v))
        synaptogen.applyVoltage(cells, 2.0)
        synaptogen.applyVoltage(cells, np.where(random.random(TILE[0] * TILE[1]) < 0.25, -2.0, 0.0))
        times.append(time.perf_counter() - start)
    return min(times) / (TILE[0] * TILE[1])


def sampled() -> float:
    """Seconds per cell of memristor_sim for a layer of 384 x 1536 at 8 bit, the first one in its process."""
    weight = np.random.default_rng(0).integers(-127, 128, (1, 384, 1536), dtype=np.int32)
    mapping = mapping_of("LinearCrossbar", weight.shape, 8, paper(cycles=1))
    start = time.perf_counter()
    states = program_states(weight, mapping, paper(cycles=1), 1, "layer")
    return (time.perf_counter() - start) / (2 * states[0].numel())


def whole_device(weight_bits: int) -> dict:
    """Cells, seconds and peak memory for all mapped layers of the paper's model, with all states kept in memory."""
    hardware, kept, cells = paper(cycles=1), [], 0
    random = np.random.default_rng(0)
    start = time.perf_counter()
    for block in range(PAPER_BLOCKS):
        for name, inputs, outputs in PAPER_BLOCK:
            limit = 2 ** (weight_bits - 1) - 1
            weight = np.clip(
                np.round(random.standard_normal((1, inputs, outputs), np.float32) * limit / 4), -limit, limit
            )
            mapping = mapping_of("LinearCrossbar", weight.shape, weight_bits, hardware)
            kept.append(program_states(weight.astype(np.int32), mapping, hardware, 1, f"blocks.{block}.{name}"))
            cells += 2 * kept[-1][0].numel()
    return {
        "weight_bits": weight_bits,
        "cells": cells,
        "seconds": time.perf_counter() - start,
        "peak_gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def main() -> None:
    """Measure, print, and write the figures if a file is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--whole", action="store_true", help="also a whole device of the 42 M model, 5.7e8 cells")
    parser.add_argument("--weight-bits", type=int, default=8)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    slow, fast = played_numpy(5), sampled()
    result: dict[str, object] = {"played_numpy_s_per_cell": slow, "ours_s_per_cell": fast, "times_faster": slow / fast}
    if options.whole:
        whole = whole_device(options.weight_bits)
        result["whole_device"] = whole | {"times_faster": slow / (whole["seconds"] / whole["cells"])}
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
