"""Reading one linear layer: against its own bare products, other simulators and the current of every cell.

    python benchmarks/memristor_readout.py [--bits 8] [--crosssim PATH] [--public PATH] [--json FILE]

Its bare products are those that it cannot do without, from matrices that lie ready: one per tile of rows and plane, and
with read noise two. aihwkit and aihwkit-lightning are measured where they can be imported, CrossSim and the public
library from a checkout. All sides run in one process, one after the other in each round, and a ratio is the median over
the rounds. On one thread, the default, seconds are CPU seconds of this process; with more they are wall seconds. A step
of a programmed LSTM is compared with one of nn.LSTM in the same way, and the peak memory of a read with its output.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import linear as peer  # noqa: E402

import memristor_sim  # noqa: E402
from memristor_sim.fused.kernel import kernel  # noqa: E402
from memristor_sim.hardware import Cycles, ReadNoise, physical  # noqa: E402
from memristor_sim.modules.linear import MemristorLinear  # noqa: E402

FAST = ("aihwkit", "aihwkit_torch", "aihwkit_lightning")
"""Peers that read all vectors in each round; the others compute the current of every cell, and read some of them."""
Times = dict[str, list[float]]
"""Seconds of each side in each round."""


def clock() -> float:
    """CPU seconds of one thread, which other processes change little; wall seconds of several."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


def seconds(function: Callable[[], Any], repeats: int) -> float:
    """Shortest time after one warm-up call: other processes can only make it longer."""
    function()
    times = []
    for _ in range(repeats):
        start = clock()
        function()
        times.append(clock() - start)
    return min(times)


def in_turn(sides: dict[str, Callable[[], Any]], rounds: int) -> Times:
    """Seconds of all sides, each once per round, after one round that is not counted."""
    times: Times = {name: [] for name in sides}
    with torch.no_grad():
        for _ in range(rounds + 1):
            for name, function in sides.items():
                start = clock()
                function()
                times[name].append(clock() - start)
    return {name: one[1:] for name, one in times.items()}


def ratio(times: Times, side: str, to: str) -> float:
    """Median over the rounds."""
    return median(one / other for one, other in zip(times[side], times[to], strict=True))


def bare_products(x: torch.Tensor, matrices: torch.Tensor, tile_rows: int, out: torch.Tensor) -> None:
    """Products with every matrix, their rows split over tiles, one after the other into the same memory.

    :param x: [N, I]
    :param matrices: [products, I, O]
    :param out: [N, O]
    """
    for matrix in matrices:
        for start in range(0, x.shape[1], tile_rows):
            rows = slice(start, start + tile_rows)
            torch.mm(x[:, rows], matrix[rows], out=out)


def lstm_step(size: int, bits: int, rounds: int, frames: int = 20) -> dict[str, Any]:
    """A time step of one sequence through an LSTM of `size` inputs and cells, programmed and digital."""
    torch.manual_seed(0)
    digital, x = nn.LSTM(size, size), torch.randn(frames, 1, size).clamp(-3, 3)
    hardware = physical(weight_bits=bits)
    ours = memristor_sim.program(nn.Sequential(nn.LSTM(size, size)), hardware, 1, input_range=3.0)
    times = in_turn({"digital": lambda: digital(x), "ours": lambda: ours(x)}, rounds)
    steps = {f"{name}_s": median(one) / frames for name, one in times.items()}
    return {"size": size, **steps, "times_digital": ratio(times, "ours", "digital")}


def materialising(layer: MemristorLinear, x: torch.Tensor, noise: ReadNoise | None, frames: int) -> torch.Tensor:
    """Output of the layer from the current of every cell in every frame, as a straightforward implementation does it.

    :param x: [N, I]
    :param noise: None for noiseless reading
    :param frames: computed at once; limits the memory
    :return: [N, O]
    """
    crossbar = layer.crossbar
    dac, adc = crossbar.dac, crossbar.adc
    out = torch.zeros(len(x), crossbar.mapping.columns)
    for start in range(0, len(x), frames):
        some = slice(start, start + frames)
        steps = torch.round(x[some] / layer.scale[1] * 2 ** (dac.bits - 1)).clamp(dac.lowest, dac.highest)
        voltage_v = (steps * (dac.full_scale_v / 2 ** (dac.bits - 1)))[:, :, None]
        for rows in crossbar.mapping.row_slices():
            cells_v = voltage_v[:, rows].expand(-1, -1, crossbar.mapping.columns).contiguous()
            for plane, weight in enumerate(crossbar.mapping.plane_weights):
                difference = 0
                for sign, states in ((1, crossbar.r_plus), (-1, crossbar.r_minus)):
                    state = states[plane, :1, rows].float()
                    low, high = crossbar.cell.extreme_currents(cells_v)
                    current = (1 - state) * low + state * high
                    if noise is not None:
                        size = current.abs()
                        thermal = 4 * 1.380649e-23 * noise.temperature_k * size / (cells_v.abs() + 1e-12)
                        variance = noise.bandwidth_hz * (thermal + 2 * noise.charge_c * size)
                        current = current + torch.randn_like(current) * variance.sqrt()
                    difference = difference + sign * current.sum(1)
                levels = torch.round(difference * crossbar.steps_per_ampere).clamp(adc.lowest, adc.highest)
                out[some] += levels * weight * 2.0**-adc.precision_bits
    assert layer.bias is not None
    return out * layer.scale[0] * layer.scale[1] + layer.bias


def public_layer(path: Path, linear: nn.Linear, bits: int, example: torch.Tensor) -> nn.Module:
    """The tiled layer of the public library synaptogen_ml with the same weights.

    :param path: a checkout of the library, used unchanged
    :param example: [N, I], sets the input range
    """
    sys.path.insert(0, str(path))
    from synaptogen_ml.memristor_modules import DacAdcHardwareSettings, TiledMemristorLinear
    from synaptogen_ml.quant_modules import ActivationQuantizer, LinearQuant

    sizes = {"in_features": linear.in_features, "out_features": linear.out_features}
    method = "per_tensor_symmetric"
    quantised = LinearQuant(
        **sizes, weight_bit_prec=bits, weight_quant_dtype=torch.qint8, weight_quant_method=method, bias=True
    )
    quantised.load_state_dict(linear.state_dict(), strict=False)
    inputs = ActivationQuantizer(bit_precision=8, dtype=torch.qint8, method=method, channel_axis=None, moving_avrg=None)
    quantised(inputs(example))
    settings = DacAdcHardwareSettings(
        input_bits=8,
        output_precision_bits=4,
        output_range_bits=4,
        hardware_input_vmax=0.6,
        hardware_output_current_scaling=8020.0,
    )
    layer = TiledMemristorLinear(
        **sizes,
        weight_precision=bits,
        converter_hardware_settings=settings,
        memristor_inputs=128,
        memristor_outputs=128,
    )
    inputs.eval(), quantised.eval(), layer.eval()
    layer.init_from_linear_quant(inputs, quantised, num_cycles_init=0)
    return layer


def error_as_published(public: nn.Module, linear: nn.Linear, bits: int, few: torch.Tensor) -> dict[str, float]:
    """Errors of the public layer and ours relative to the spread of the exact outputs.

    :param few: [n, I]
    """
    ideal = linear(few).detach()
    published = memristor_sim.paper(weight_bits=bits, conditioning=Cycles())
    ours = memristor_sim.program(nn.Sequential(linear), published, 1, input_range=3.0)
    errors = {"public": public(few).detach() - ideal, "ours": ours(few) - ideal}
    return {name: float(error.std() / ideal.std()) for name, error in errors.items()}


def peak_bytes(function) -> int:
    """Peak memory of the tensors that `function` allocates."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as trace:
        function()
    live = peak = 0
    for event in trace.profiler.kineto_results.events():
        if event.name() == "[memory]":
            live += event.nbytes()
            peak = max(peak, live)
    return peak


def peers(options: argparse.Namespace, linear: nn.Linear, x: torch.Tensor) -> dict[str, nn.Module | str]:
    """The layer in each of the other simulators, or why it is not measured.

    :param x: [N, I], which each reads once.
    """
    makers: dict[str, Callable[[], nn.Module]] = {
        "aihwkit": partial(peer.aihwkit, linear, options.bits),
        "aihwkit_torch": partial(peer.aihwkit_torch, linear, options.bits),
        "aihwkit_lightning": partial(peer.aihwkit_lightning, linear, options.bits),
    }
    if options.crosssim:
        makers["crosssim"] = partial(peer.crosssim, options.crosssim, linear, options.bits)
    if options.public:
        makers["public"] = partial(public_layer, options.public, linear, options.bits, x)
    return {name: peer.loaded(make, x) for name, make in makers.items()}


def main() -> None:
    """Measure, print, and write the figures if a file is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15, help="rounds")
    parser.add_argument("--lstm", type=int, default=512, help="inputs and cells of the LSTM")
    parser.add_argument("--crosssim", type=Path, help="a checkout of CrossSim")
    parser.add_argument("--public", type=Path, help="a checkout of the public library")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    linear = nn.Linear(384, 1536)
    x = torch.randn(options.frames, 384).clamp(-3, 3)
    few = x[: max(1, options.frames // 20)]
    noises = {"no_noise": None, "noise": physical().read_noise}
    layers = {
        label: memristor_sim.program(linear, physical(weight_bits=options.bits, read_noise=noise), 1, input_range=3.0)
        for label, noise in noises.items()
    }
    tile_rows, dense = physical().tile_rows, torch.randn(2 * options.bits - 2, 384, 1536)
    others, out = peers(options, linear, few), torch.empty(len(x), linear.out_features)
    sides: dict[str, Callable[[], Any]] = {
        "products_of_no_noise": lambda: bare_products(x, dense[: options.bits - 1], tile_rows, out),
        "products_of_noise": lambda: bare_products(x, dense, tile_rows, out),
        "dense": lambda: [x @ plane for plane in dense[: options.bits - 1]],
        **{label: partial(layer, x) for label, layer in layers.items()},
        **{name: partial(one, x) for name, one in others.items() if not isinstance(one, str) and name in FAST},
    }
    times = in_turn(sides, options.repeats)
    result: dict[str, Any] = {"bits": options.bits, "frames": options.frames, "threads": options.threads}
    result |= {"compiled": kernel() is not None, "dense_products_s": median(times["dense"])}
    for label, noise in noises.items():
        slow = seconds(lambda: materialising(layers[label], few, noise, frames=4), 2) * len(x) / len(few)  # noqa: B023
        result[label] = {
            "ours_s": median(times[label]),
            "times_bare_products": ratio(times, label, f"products_of_{label}"),
            "times_dense_products": ratio(times, label, "dense"),
            "materialising_s": slow,
            "times_faster": slow / median(times[label]),
            "peak_over_output": peak_bytes(lambda: layers[label](x)) / (4 * options.frames * 1536),  # noqa: B023
        }
    result["lstm_step"] = lstm_step(options.lstm, options.bits, max(1, options.repeats // 3))
    result["peers"] = {name: of_peer(name, one, few, times, len(x) / len(few)) for name, one in others.items()}
    public = others.get("public")
    if isinstance(public, nn.Module):
        result["error_as_published"] = error_as_published(public, linear, options.bits, few)
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def of_peer(name: str, layer: nn.Module | str, few: torch.Tensor, times: Times, share: float) -> dict[str, Any]:
    """Seconds of a peer, and those of our layer relative to it; or why it is not measured.

    :param few: the vectors that a slow one reads.
    :param share: how many times as many are read in `times`.
    """
    if isinstance(layer, str):
        return {"not_measured": layer}
    if name in times:
        return {"s": median(times[name])} | {f"ours_{one}": ratio(times, one, name) for one in ("no_noise", "noise")}
    with torch.no_grad():
        taken = seconds(lambda: layer(few), 2) * share
    return {"s": taken} | {f"ours_{one}": median(times[one]) / taken for one in ("no_noise", "noise")}


if __name__ == "__main__":
    main()
