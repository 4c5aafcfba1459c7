"""The grid of arXiv 2606.13379 on `mini`: positions in attention, their linear on crossbars, and how ADCs are split."""

from dataclasses import replace

from memristor_sim.hardware import Adc, Converters, Hardware, physical
from recipe.graph.experiment import Experiment
from recipe.graph.run import run
from recipe.models.positions import RelativePositions
from recipe.systems import Float, Qat, System, device_of
from setups.mini import conformer, mini

ENCODINGS: dict[str, RelativePositions | None] = {
    "none": None,
    "crossbar": RelativePositions(),
    "digital": RelativePositions(linear="digital"),
    "no-linear": RelativePositions(linear="none"),
    "learned": RelativePositions(learnable=True),
    "learned-no-linear": RelativePositions(linear="none", learnable=True),
}
"""Each is a model of its own, and so a graph: `make tables CONFIG='config.followup_grid.grid("learned")'`."""
EVERYWHERE = [(4, 4), (2, 6), (3, 5), (4, 8), (4, 12), (12, 12), (8, 8), (6, 6), (8, 4)]
AT_POSITIONS = [(0, 8), (1, 7), (2, 6), (3, 5), (4, 8), (4, 12), (12, 12), (8, 8)]
"""Bits of an ADC below and above one weight step at full drive."""


def splits(positions: RelativePositions | None) -> dict[str, Hardware]:
    """Hardware by the name of its rows."""
    adcs = {
        f"{below}+{above}": Adc(precision_bits=below, range_bits=above) for below, above in EVERYWHERE + AT_POSITIONS
    }
    found = {f"ADC {below}+{above}": physical(adc=adcs[f"{below}+{above}"]) for below, above in EVERYWHERE}
    if positions is None or positions.linear != "crossbar":
        return found
    names = (f"{below}+{above}" for below, above in AT_POSITIONS)
    alone = {name: (Converters(pattern="*.positions.linear", adc=adcs[name]),) for name in names}
    return found | {f"ADC {name} at positions": physical(converters=one) for name, one in alone.items()}


def grid(encoding: str, bits: tuple[int, ...] = (8, 4, 3), seeds: int = 3) -> Experiment:
    """All rows of one encoding; on the base hardware, activations of 8, 6, 5 and 4 bit, and the front end
    on crossbars as well."""
    positions = ENCODINGS[encoding]
    setup = mini(device_scales="walk")
    if positions is not None:
        setup = replace(setup, name=f"mini-{encoding}", model=replace(conformer(), positions=positions))
    qats = [Qat(width) for width in bits]
    narrow = [Qat(bits[-1], {"activation_bits": width}) for width in (6, 5, 4)]
    front_ends = [Qat(width, {"quantize_frontend": True}) for width in bits]
    systems: list[System] = [Float(), *qats, *narrow, *front_ends]
    for name, hardware in splits(positions).items():
        systems += [device_of(qat, seed, hardware, name) for qat in qats for seed in range(1, seeds + 1)]
    others: list[System] = [
        device_of(qat, seed, physical()) for qat in narrow + front_ends for seed in range(1, seeds + 1)
    ]
    return run(setup, systems + others)


def py():
    return grid("crossbar")
