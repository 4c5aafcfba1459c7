"""Column currents of one crossbar while calibration inputs run, and the gains before its ADCs that fit them."""

from collections import defaultdict
from dataclasses import dataclass, field

import torch

from memristor_sim.components import Adc
from memristor_sim.mapping import Mapping
from memristor_sim.quantisation import RangeRule
from memristor_sim.ranges import Magnitudes


def _few() -> Magnitudes:
    return Magnitudes(per_call=1 << 11, calls=16)


@dataclass
class AdcSamples:
    """Currents in ADC steps, of each plane and tile."""

    mapping: Mapping
    seen: dict[tuple[int, int, int], Magnitudes] = field(default_factory=lambda: defaultdict(_few))
    """By plane, tile along rows, tile along columns."""

    def see(self, currents: torch.Tensor, planes: slice, tile: int, lines: slice) -> None:
        """Some more.

        :param currents: [P, S, vectors or groups, O, *axes].
        """
        width = self.mapping.tile_columns
        for index, plane in enumerate(range(planes.start, planes.stop)):
            for column in range(lines.start // width, -(-lines.stop // width)):
                first = max(0, column * width - lines.start)
                some = currents[index, :, :, first : (column + 1) * width - lines.start]
                self.seen[plane, tile, column].see(some)

    def gains(self, rule: RangeRule, adc: Adc, shared_by: str) -> torch.Tensor:
        """Float32 [planes, tiles along rows, tiles along columns].

        :param shared_by: `layer`, `plane` or `tile`: what has one range.
        """
        pools: dict[tuple, Magnitudes] = defaultdict(Magnitudes)
        of_pool = {"layer": 0, "plane": 1, "tile": 3}[shared_by]
        for key, one in self.seen.items():
            pool = pools[key[:of_pool]]
            pool.largest = max(pool.largest, one.largest)
            pool.samples += one.samples
        shape = self.mapping.planes, len(self.mapping.row_slices()), len(self.mapping.column_slices())
        gains = torch.ones(shape)
        ranges = {key: pool.range(rule, adc.highest) for key, pool in pools.items()}
        for key in self.seen:
            if ranges[key[:of_pool]] > 0:
                gains[key] = adc.highest / ranges[key[:of_pool]]
        return gains
