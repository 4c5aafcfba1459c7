"""Reading one linear layer: against computing the current of every cell, against dense products, and its peak memory.

    python benchmarks/memristor_readout.py [--bits 8] [--public PATH] [--json FILE]

All ratios are measured in one process, on one CPU thread unless --threads says otherwise.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import memristor_sim  # noqa: E402
from memristor_sim.hardware import Cycles, ReadNoise, physical  # noqa: E402
from memristor_sim.modules.linear import MemristorLinear  # noqa: E402


def seconds(function, repeats: int) -> float:
    """Shortest wall time after one warm-up call: other processes can only make it longer."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


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


def against_public(path: Path, linear: nn.Linear, bits: int, x: torch.Tensor, few: torch.Tensor) -> dict[str, Any]:
    """Seconds of the public layer, and errors of both relative to the spread of the exact outputs.

    :param path: a checkout of synaptogen_ml
    :param x: [N, I]
    :param few: [n, I], the frames of `x` that are run
    """
    public = public_layer(path, linear, bits, x)
    with torch.no_grad():
        taken = seconds(lambda: public(few), 2) * len(x) / len(few)
    ideal = linear(few).detach()
    published = memristor_sim.paper(weight_bits=bits, conditioning=Cycles())
    ours = memristor_sim.program(nn.Sequential(linear), published, 1, input_range=3.0)
    errors = {"public": public(few).detach() - ideal, "ours": ours(few) - ideal}
    return {
        "public_s": taken,
        "error_as_published": {name: float(error.std() / ideal.std()) for name, error in errors.items()},
    }


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


def main() -> None:
    """Measure, print, and write the figures if a file is given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bits", type=int, default=8)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--public", type=Path, help="a checkout of the public library")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    linear = nn.Linear(384, 1536)
    x = torch.randn(options.frames, 384).clamp(-3, 3)
    dense = torch.randn(options.bits - 1, 384, 1536)
    result: dict[str, Any] = {"bits": options.bits, "frames": options.frames, "threads": options.threads}
    result["dense_products_s"] = seconds(lambda: [x @ plane for plane in dense], options.repeats)
    few = x[: max(1, options.frames // 20)]
    for label, noise in (("no_noise", None), ("noise", physical().read_noise)):
        layer = memristor_sim.program(linear, physical(weight_bits=options.bits, read_noise=noise), 1, input_range=3.0)
        ours = seconds(lambda: layer(x), options.repeats)  # noqa: B023
        slow = seconds(lambda: materialising(layer, few, noise, frames=4), 2) * len(x) / len(few)  # noqa: B023
        result[label] = {
            "ours_s": ours,
            "materialising_s": slow,
            "times_faster": slow / ours,
            "times_dense_products": ours / result["dense_products_s"],
            "peak_over_output": peak_bytes(lambda: layer(x)) / (4 * options.frames * 1536),  # noqa: B023
        }
    if options.public:
        result |= against_public(options.public, linear, options.bits, x, few)
        taken = result["public_s"]
        result["times_faster_than_public"] = {label: taken / result[label]["ours_s"] for label in ("no_noise", "noise")}
    print(json.dumps(result, indent=2))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
