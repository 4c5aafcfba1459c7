"""Published figures of single cells: table 1 of arXiv 2505.24721."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Products:
    """Statistics of weight times input over pairs of cells, in units of one weight step times full scale."""

    weight: float
    x: float
    mean: float
    std: float
    least: float
    most: float

    @property
    def operation(self) -> str:
        """Input times weight as in the paper: `0.1 x 1`."""
        return f"{self.x if self.x != 1 else '1.0'} x {self.weight:g}"


TABLE_1 = (
    Products(weight=1, x=1.0, mean=1.016, std=0.063, least=0.707, most=1.27),
    Products(weight=1, x=0.1, mean=0.0989, std=0.0062, least=0.0688, most=0.124),
    Products(weight=1, x=0.01, mean=0.00985, std=0.00069, least=0.00721, most=0.0120),
    Products(weight=0, x=1.0, mean=0.000852, std=0.0475, least=-0.2751, most=0.2455),
    Products(weight=0.5, x=1.0, mean=0.476, std=0.094, least=0.109, most=1.06),
)
"""10,000 pairs each. The sign of the minimum of 1.0 x 0 is lost in the text of the paper; it can only be negative."""
