"""What a quantised model may learn from besides its labels: a float model, and the errors of devices. Imports no torch.

Sources of the numbers: docs/device_aware_training.md.
"""

from dataclasses import dataclass

from memristor_sim.hardware import Hardware, physical
from recipe.errors import InputError
from recipe.identity import digest

PHYSICAL = physical()


@dataclass(frozen=True, kw_only=True)
class Distil:
    """The loss of a batch is (1 - weight) CTC + weight temperature**2 KL, the KL divergence of the model's label
    posteriors from those of the float model (arXiv 1503.02531), summed over frames.

    The float model hears the features before they are masked.
    """

    weight: float = 0.5
    temperature: float = 1.0
    """Log posteriors of both are divided by it, and normalised."""

    def __post_init__(self):
        if not 0 < self.weight <= 1:
            raise InputError(f"Distil.weight is {self.weight!r}; give more than 0 and at most 1")
        if not self.temperature > 0:
            raise InputError(f"Distil.temperature is {self.temperature!r}; give a number above 0")

    def __str__(self) -> str:
        return f"{self.weight:g}" + (f"-t{self.temperature:g}" if self.temperature != 1 else "")


class _Ramped:
    """Noise that grows linearly over the first sub-epochs."""

    ramp: float

    def _check_ramp(self) -> None:
        if not 0 <= self.ramp <= 1:
            raise InputError(f"{type(self).__name__}.ramp is {self.ramp!r}; give a share of the training, 0 to 1")

    def strength(self, sub_epoch: int, num_sub_epochs: int) -> float:
        """Share of the noise in a sub-epoch, counted from 1."""
        rising = self.ramp * num_sub_epochs
        return 1.0 if sub_epoch >= rising else sub_epoch / rising


@dataclass(frozen=True, kw_only=True)
class DeviceNoise(_Ramped):
    """The error of each weight as devices have it: mean and spread by the level of the weight, summed over its digit
    planes, from cells that are conditioned and written by the simulator."""

    hardware: Hardware = PHYSICAL
    """Whose cells, history, levels and faults; its include and exclude say which layers."""
    spread: tuple[float, float] = (1.0, 1.0)
    """Least and greatest factor of the spread, drawn uniformly for every step: (0, 2) trains one model for quiet and
    for noisy devices (arXiv 2503.16183)."""
    ramp: float = 1 / 3
    """Share of the training over which it grows."""
    cells: int = 1 << 16
    """Simulated cells per level that means and spreads are taken from."""
    seed: int = 0
    """Of these cells."""

    def __post_init__(self):
        low, high = self.spread
        if not 0 <= low <= high:
            raise InputError(f"DeviceNoise.spread is {self.spread!r}; give two factors from 0, the lesser first")
        if self.hardware.attenuates:
            raise InputError(
                "DeviceNoise.hardware has wires, or cells that drift apart: errors there follow from more than the "
                "level of a weight; leave Hardware.wires and Drift.exponent_std out of it"
            )
        if self.cells < 2:
            raise InputError(f"DeviceNoise.cells is {self.cells!r}; give at least 2")
        self._check_ramp()

    def __str__(self) -> str:
        low, high = self.spread
        spread = "" if low == high == 1 else f"-x{low:g}" if low == high else f"-x{low:g}-{high:g}"
        others = "" if self == DeviceNoise(spread=self.spread) else f".{digest(self)}"
        return f"device{spread}{others}"


@dataclass(frozen=True, kw_only=True)
class GaussianNoise(_Ramped):
    """Gaussian noise on each quantised weight, of one of two kinds; both with a straight-through gradient."""

    per_plane: float | None = None
    """Standard deviation of a cell in digit steps: a weight gets sqrt(2) of it from each digit plane, times the plane's
    place value. The authors' later grids have 0.05."""
    of_column_maximum: float | None = None
    """Standard deviation relative to the largest magnitude of the output's weights; arXiv 2505.09663 has 0.03."""
    ramp: float = 0.0
    """Share of the training over which it grows; the sources have it from the first step."""

    def __post_init__(self):
        given = [value for value in (self.per_plane, self.of_column_maximum) if value is not None]
        if len(given) != 1 or not given[0] > 0:
            raise InputError(f"{self!r} is no noise; give per_plane or of_column_maximum, a number above 0")
        self._check_ramp()

    def __str__(self) -> str:
        kind = f"{self.per_plane}-plane" if self.per_plane is not None else f"{self.of_column_maximum}-column"
        return f"gauss-{kind}" + (f"-ramp{self.ramp:g}" if self.ramp else "")


Noise = DeviceNoise | GaussianNoise
