"""Line resistance: programming a pair of arrays and reading a layer with it, against the same without.

    python benchmarks/memristor_wires.py [--bits 8] [--frames 200] [--size 128] [--json FILE]

Both sides are measured alternately in one process, in CPU seconds on one thread.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import memristor_sim  # noqa: E402
from memristor_sim.cost import layer_cost, paper_shapes, total_cost  # noqa: E402
from memristor_sim.hardware import Hardware, Wires, physical  # noqa: E402
from memristor_sim.mapping import mapping_of  # noqa: E402
from memristor_sim.programming import program_states  # noqa: E402


def alternately(functions: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Fewest CPU seconds of each, by name, after a first call of each."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for turn in range(repeats + 1):
        for name, function in functions.items():
            start = time.process_time()
            function()
            if turn:
                times[name].append(time.process_time() - start)
    return {name: min(some) for name, some in times.items()}


def programming(sides: dict[str, Hardware], size: int, repeats: int) -> dict[str, float]:
    """CPU seconds for one pair of arrays of `size` rows and columns."""
    weight = np.random.default_rng(0).integers(-1, 2, (1, size, size), dtype=np.int32)
    mapping = {name: mapping_of("LinearCrossbar", weight.shape, 2, hardware) for name, hardware in sides.items()}
    write = {name: lambda name=name: program_states(weight, mapping[name], sides[name], 1, "layer") for name in sides}
    return alternately(write, repeats)


def reading(sides: dict[str, Hardware], x: torch.Tensor, outputs: int, repeats: int) -> dict[str, float]:
    """CPU seconds for a layer with so many outputs."""
    torch.manual_seed(0)
    linear = nn.Linear(x.shape[1], outputs)
    layers = {name: memristor_sim.program(linear, one, 1, input_range=3.0) for name, one in sides.items()}
    return alternately({name: lambda name=name: layers[name](x) for name in layers}, repeats)


def main() -> None:
    """Measure, print, and write the figures if a file is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--size", type=int, default=128, help="rows and columns of an array")
    parser.add_argument("--layer", type=int, nargs=2, default=(384, 1536), help="inputs and outputs of what is read")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    size = {"tile_rows": options.size, "tile_columns": options.size, "weight_bits": options.bits}
    result: dict[str, Any] = {"bits": options.bits, "frames": options.frames, "size": options.size}
    x = torch.randn(options.frames, options.layer[0], generator=torch.Generator().manual_seed(0)).clamp(-3, 3)
    for label, noise in (("no_noise", None), ("noise", physical().read_noise)):
        bare = physical(read_noise=noise, **size)
        sides = {"bare": bare, "wired": physical(read_noise=noise, wires=Wires(), **size)}
        read = reading(sides, x, options.layer[1], options.repeats)
        result[label] = read | {"wired_over_bare": read["wired"] / read["bare"]}
    pair = programming(sides, options.size, options.repeats)
    tiles = total_cost(layer_cost(shape, bare) for shape in paper_shapes(4)).crossbars / 2
    result["pair_s"] = pair
    result["model_of_42M_4_bit_s"] = tiles * (pair["wired"] - pair["bare"])
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
