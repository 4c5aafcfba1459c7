"""The cost of a mapping: arrays, cells, conversions, and the weight traffic of the same layers computed digitally.

Off-chip reads of weights dominate the energy of recognition on small devices (arXiv 2102.11531). In-memory computing
has none, but every product takes conversions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from memristor_sim.hardware import Hardware

if TYPE_CHECKING:
    from torch import nn

PAPER_BLOCKS = 12
PAPER_BLOCK = (
    ("feed_forward_1.in", 384, 1536),
    ("feed_forward_1.out", 1536, 384),
    ("attention.qkv", 384, 1152),
    ("attention.out", 384, 384),
    ("convolution.in", 384, 768),
    ("convolution.out", 384, 384),
    ("feed_forward_2.in", 384, 1536),
    ("feed_forward_2.out", 1536, 384),
)
"""The mapped layers of one block of arXiv 2505.24721: name, inputs, outputs."""


@dataclass(frozen=True, kw_only=True)
class LayerShape:
    """A layer as the crossbars see it: `groups` matrices of `rows` inputs and `columns` outputs."""

    name: str
    rows: int
    columns: int
    groups: int = 1
    weight_bits: int = 8
    vectors_per_s: float = 25.0
    """Products with each matrix per second of audio."""
    column_scales: bool = False
    """Whether each column has a weight scale of its own."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Of one layer or, under the name "total", of all."""

    name: str
    weights: int
    tiles: int
    """Paired arrays per digit plane."""
    crossbars: int
    """Arrays of both polarities and all planes."""
    cells: int
    """Of all arrays, each at its full size."""
    utilisation: float
    """Share of the cells that hold a digit."""
    dac_conversions_per_s: float
    """Line drives per second of audio."""
    adc_conversions_per_s: float
    """Column reads per second of audio."""
    digital_weight_bytes_per_s: float
    """What a digital accelerator reads instead if the weights do not fit its memory."""
    output_factors: int = 0
    """Stored factors that digital outputs are multiplied with: one of each column that has a weight scale, else one of
    each matrix. Either way every output is multiplied once."""


def layer_cost(shape: LayerShape, hardware: Hardware, *, vectors_per_weight_read: float = 1.0) -> Cost:
    """Arrays, cells, conversions and traffic of one layer.

    :param vectors_per_weight_read: vectors that a digital accelerator batches per read of the weights.
    """
    planes = hardware.planes(shape.weight_bits)
    tile_rows, tile_columns = ceil(shape.rows / hardware.tile_rows), ceil(shape.columns / hardware.tile_columns)
    tiles = shape.groups * tile_rows * tile_columns
    weights = shape.groups * shape.rows * shape.columns
    crossbars = 2 * planes * tiles
    cells = crossbars * hardware.tile_rows * (hardware.tile_columns + hardware.spare_columns)
    return Cost(
        name=shape.name,
        weights=weights,
        tiles=tiles,
        crossbars=crossbars,
        cells=cells,
        utilisation=2 * planes * weights / cells,
        # Every array has its own converters; the two lines of a pair share one of either kind.
        dac_conversions_per_s=shape.vectors_per_s * planes * shape.groups * shape.rows * tile_columns,
        adc_conversions_per_s=shape.vectors_per_s * planes * shape.groups * shape.columns * tile_rows,
        digital_weight_bytes_per_s=weights * shape.weight_bits / 8 * shape.vectors_per_s / vectors_per_weight_read,
        output_factors=shape.groups * shape.columns if shape.column_scales else 1,
    )


def total_cost(costs: Iterable[Cost]) -> Cost:
    """Sums; utilisation weighted by cells."""
    costs = list(costs)
    summed = ("weights", "tiles", "crossbars", "cells", "dac_conversions_per_s", "adc_conversions_per_s",
              "digital_weight_bytes_per_s", "output_factors")  # fmt: skip
    sums = {field: sum(getattr(cost, field) for cost in costs) for field in summed}
    used = sum(cost.utilisation * cost.cells for cost in costs)
    return Cost(name="total", utilisation=used / sums["cells"] if sums["cells"] else 0.0, **sums)


def paper_shapes(weight_bits: int = 8) -> list[LayerShape]:
    """The mapped layers of the paper's model, at its 25 vectors per second."""
    return [
        LayerShape(name=f"blocks.{block}.{name}", rows=rows, columns=columns, weight_bits=weight_bits)
        for block in range(PAPER_BLOCKS)
        for name, rows, columns in PAPER_BLOCK
    ]


def model_costs(
    model: "nn.Module",
    hardware: Hardware,
    *,
    vectors_per_s: float = 25.0,
    vectors_per_weight_read: float = 1.0,
    column_gains: bool = False,
) -> list[Cost]:
    """Costs of the layers of `model` that `program` would map, then the total; nothing is programmed.

    :param model: not yet programmed.
    :param vectors_per_s: products with each matrix per second of audio.
    :param vectors_per_weight_read: vectors that a digital accelerator batches per read of the weights.
    :param column_gains: whether `calibrate_columns` gives each column a gain; its weight scale is a part of that.
    :raises MemristorError: no layer would be mapped.
    """
    from memristor_sim.conversion import mapped_layers
    from memristor_sim.layer_builders import matrix_shape, weights_of
    from memristor_sim.weights import has_column_scales, weight_bits

    costs = []
    for layer_name, layer in mapped_layers(model, hardware).items():
        for name, weight in weights_of(layer_name, layer).items():
            groups, rows, columns = matrix_shape(layer, weight)
            shape = LayerShape(
                name=name,
                rows=rows,
                columns=columns,
                groups=groups,
                weight_bits=weight_bits(weight, hardware),
                vectors_per_s=vectors_per_s,
                column_scales=column_gains or has_column_scales(weight, hardware),
            )
            costs.append(layer_cost(shape, hardware, vectors_per_weight_read=vectors_per_weight_read))
    return [*costs, total_cost(costs)]
