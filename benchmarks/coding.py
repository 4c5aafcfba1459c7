"""Noise of one matrix on devices by how weights are coded, verified and calibrated: noise-to-signal ratio, crossbars.

The ratio is the variance of the error over that of the exact product, mean over devices. Weights are normal and put on
integers with 3.5 standard deviations on the outermost level, inputs are normal with a deviation of 0.33, clipped to
full scale. "affine" is a gain and an offset per column from half of the vectors; all ratios are of the other half.
"order" puts the rows with the largest weights onto the lines with the least noise, as test reads find them.

python benchmarks/coding.py [--size 384] [--bits 3 4] [--devices 2] [--vectors 1000] [--json FILE]
"""

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memristor_sim.components import Converters  # noqa: E402
from memristor_sim.cost import LayerShape, layer_cost  # noqa: E402
from memristor_sim.hardware import Adc, Dac, Hardware, Positional, Unary, Verify, physical  # noqa: E402
from memristor_sim.linear_crossbar import LinearCrossbar  # noqa: E402
from memristor_sim.mapping import digits, mapping_of  # noqa: E402
from memristor_sim.programming import program_states  # noqa: E402

VERIFY = Verify(tolerance=0.05)
ROWS = {
    "physical": physical(),
    "no read noise": physical(read_noise=None),
    "ADC 6+4 bit": physical(adc=Adc(precision_bits=6)),
    "DAC linear in current": physical(dac=Dac(linearised=True)),
    "verify 0.1": physical(verify=Verify(tolerance=0.1)),
    "verify 0.05": physical(verify=VERIFY),
    "verify 0.025": physical(verify=Verify(tolerance=0.025)),
    "unary": physical(coding=Unary()),
    "two copies": physical(coding=Positional(copies=2)),
    "four copies": physical(coding=Positional(copies=4)),
    "unary, verify 0.05": physical(coding=Unary(), verify=VERIFY),
    "unary, verify 0.05, DAC linear": physical(coding=Unary(), verify=VERIFY, dac=Dac(linearised=True)),
    "unary, two copies, verify 0.05": physical(coding=Unary(copies=2), verify=VERIFY),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to put the matrix onto devices."""

    bits: int
    name: str
    noise_to_signal: float
    with_affine: float
    with_order: float
    crossbars: int
    programming_cpu_s: float


def measured(name: str, hardware: Hardware, bits: int, options: argparse.Namespace) -> Row:
    """Mean over devices."""
    random, limit = np.random.default_rng(0), 2 ** (bits - 1) - 1
    shape = (1, options.size, options.size)
    weight = np.clip(np.round(random.standard_normal(shape) * limit / 3.5), -limit, limit).astype(np.int32)
    x = torch.from_numpy(random.standard_normal((options.vectors, options.size), np.float32) * 0.33).clamp_(-1, 1)
    exact = x @ torch.from_numpy(weight[0]).float()
    mapping = mapping_of("LinearCrossbar", shape, bits, hardware)
    ratios, cpu_s = [], 0.0
    for seed in range(options.devices):
        crossbar = LinearCrossbar(
            mapping,
            converters=Converters(pattern="*", dac=hardware.dac, adc=hardware.adc),
            hardware=hardware,
            name="layer",
        )
        start = time.process_time()
        states = program_states(weight, mapping, hardware, seed, "layer")
        cpu_s += time.process_time() - start
        crossbar.write(*states)
        torch.manual_seed(seed)
        found = crossbar(x)
        order = _quiet_order(weight, states, mapping)
        placed = program_states(weight[:, order], mapping, hardware, seed, "layer")
        crossbar.write(*placed)
        ordered = crossbar(x[:, order])
        half = len(x) // 2
        ratios.append([_ratio(one[half:], exact[half:]) for one in (found, _affine(found, exact, half), ordered)])
    plain, affine, with_order = np.mean(ratios, axis=0)
    cost = layer_cost(LayerShape(name=name, rows=options.size, columns=options.size, weight_bits=bits), hardware)
    return Row(
        bits=bits,
        name=name,
        noise_to_signal=float(plain),
        with_affine=float(affine),
        with_order=float(with_order),
        crossbars=cost.crossbars,
        programming_cpu_s=cpu_s / options.devices,
    )


def _ratio(found: torch.Tensor, exact: torch.Tensor) -> float:
    return float((found - exact).var() / exact.var())


def _affine(found: torch.Tensor, exact: torch.Tensor, half: int) -> torch.Tensor:
    x, y = found[:half], exact[:half]
    gain = ((x - x.mean(0)) * (y - y.mean(0))).sum(0) / (x - x.mean(0)).square().sum(0)
    return found * gain + (y.mean(0) - gain * x.mean(0))


def _quiet_order(weight: np.ndarray, states: tuple[torch.Tensor, torch.Tensor], mapping) -> np.ndarray:
    """Rows of the weight by the line that each is put on: large ones onto lines whose cells were written well."""
    error = np.zeros(weight.shape[1])
    for sign, state in zip((1, -1), states, strict=True):
        levels = digits(np.maximum(sign * weight, 0), mapping)
        state = state.float().numpy()
        for level in range(mapping.levels):
            off = np.where(levels == level, state - state[levels == level].mean(), 0.0)
            error += np.square(off).sum((0, 1, 3))
    size = np.square(weight[0].astype(float)).sum(1)
    order = np.empty(len(error), np.int64)
    order[np.argsort(error)] = np.argsort(-size)
    return order


def main() -> None:
    """Measure, print, and write the figures if a file is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=384, help="rows and columns of the matrix")
    parser.add_argument("--bits", type=int, nargs="+", default=[3, 4])
    parser.add_argument("--devices", type=int, default=2)
    parser.add_argument("--vectors", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = [measured(name, hardware, bits, options) for bits in options.bits for name, hardware in ROWS.items()]
    print(f"{'bits':>4}  {'':32}{'noise/signal':>12}{'affine':>8}{'order':>8}{'crossbars':>11}{'CPU s':>8}")
    for row in rows:
        ratios = f"{row.noise_to_signal:12.4f}{row.with_affine:8.4f}{row.with_order:8.4f}"
        print(f"{row.bits:>4}  {row.name:32}{ratios}{row.crossbars:>11}{row.programming_cpu_s:8.3f}")
    result = {"rows": [asdict(row) for row in rows]}
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
